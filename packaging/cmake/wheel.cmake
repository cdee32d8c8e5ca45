# What is installed otherwise in a wheel, where the prefix is the folder of the Python package. Included
# by install.cmake.

# A wheel knows no symbolic links: the one file of the library has the name that programs ask for when
# they start, and where they are linked a script for the linker leads from -lnetstack to it.
get_target_property(soversion netstack SOVERSION)
set_target_properties(netstack PROPERTIES VERSION "${soversion}")
set(installed_libraries netstack)
set(namelink NAMELINK_SKIP)
file(WRITE "${PROJECT_BINARY_DIR}/package/libnetstack.so"
     "/* GNU ld script */\nINPUT(libnetstack.so.${soversion})\n")
install(FILES "${PROJECT_BINARY_DIR}/package/libnetstack.so" DESTINATION "${CMAKE_INSTALL_LIBDIR}")

set_target_properties(netstack_python PROPERTIES INSTALL_RPATH "$ORIGIN/${CMAKE_INSTALL_LIBDIR}")
install(TARGETS netstack_python LIBRARY DESTINATION .)

if(TARGET netstack_program AND PCAP_USE_STATIC_LIBS)
  target_sources(netstack_program PRIVATE "${PROJECT_SOURCE_DIR}/packaging/wheel/pcap_without_dbus.c")
endif()
