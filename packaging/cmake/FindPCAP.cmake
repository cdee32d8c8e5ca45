# Finds libpcap: the target PCAP::PCAP. Of its own it brings a pkg-config file only, and that wants
# another tool installed. PCAP_USE_STATIC_LIBS: the static library, and no other.
find_path(PCAP_INCLUDE_DIR pcap/pcap.h)
if(PCAP_USE_STATIC_LIBS)
  find_library(PCAP_LIBRARY libpcap.a)
else()
  find_library(PCAP_LIBRARY pcap)
endif()
mark_as_advanced(PCAP_INCLUDE_DIR PCAP_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(PCAP REQUIRED_VARS PCAP_LIBRARY PCAP_INCLUDE_DIR)

if(PCAP_FOUND AND NOT TARGET PCAP::PCAP)
  add_library(PCAP::PCAP UNKNOWN IMPORTED)
  set_target_properties(PCAP::PCAP PROPERTIES IMPORTED_LOCATION "${PCAP_LIBRARY}"
                                              INTERFACE_INCLUDE_DIRECTORIES "${PCAP_INCLUDE_DIR}")
endif()
