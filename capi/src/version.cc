#include <netstack/version.h>

uint32_t ns_abi_version(void) noexcept { return NS_ABI_VERSION; }

const char* ns_version_string(void) noexcept { return NS_VERSION_STRING; }
