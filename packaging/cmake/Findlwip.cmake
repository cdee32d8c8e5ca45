# lwIP, as Debian's liblwip-dev has it: the target lwip::lwip. An example stands in front of it.

include(FindPackageHandleStandardArgs)

find_path(LWIP_INCLUDE_DIR lwip/init.h PATH_SUFFIXES lwip)
find_library(LWIP_LIBRARY lwip)
mark_as_advanced(LWIP_INCLUDE_DIR LWIP_LIBRARY)
find_package_handle_standard_args(lwip REQUIRED_VARS LWIP_LIBRARY LWIP_INCLUDE_DIR)

if(lwip_FOUND AND NOT TARGET lwip::lwip)
  add_library(lwip::lwip UNKNOWN IMPORTED)
  # Its headers want names that ISO C does not have.
  set_target_properties(
    lwip::lwip
    PROPERTIES IMPORTED_LOCATION "${LWIP_LIBRARY}"
               INTERFACE_INCLUDE_DIRECTORIES "${LWIP_INCLUDE_DIR}"
               INTERFACE_COMPILE_DEFINITIONS _DEFAULT_SOURCE)
endif()
