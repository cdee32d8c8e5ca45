# What `cmake --install` puts where: libraries, headers, CMake package, pkg-config file, program.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/netstack")

set(installed_libraries netstack netstack-static)
set(namelink)
if(SKBUILD)
  include("${CMAKE_CURRENT_LIST_DIR}/wheel.cmake")
endif()

install(
  TARGETS ${installed_libraries}
  EXPORT netstack-targets
  LIBRARY ${namelink}
  INCLUDES
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(
  DIRECTORY "${PROJECT_SOURCE_DIR}/capi/include/netstack"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILES_MATCHING
  PATTERN "*.h"
  PATTERN "*.hpp")

if(TARGET netstack_program)
  # The program finds its library also when the whole prefix is moved.
  cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_LIBDIR BASE_DIRECTORY "${CMAKE_INSTALL_FULL_BINDIR}"
             OUTPUT_VARIABLE bin_to_lib)
  set_target_properties(netstack_program PROPERTIES INSTALL_RPATH "$ORIGIN/${bin_to_lib}")
  install(TARGETS netstack_program)
  set(program_dir "${PROJECT_SOURCE_DIR}/capi/program")
  install(FILES "${program_dir}/netstack.1" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
  install(FILES "${program_dir}/completions/netstack.bash"
          DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME netstack)
  install(FILES "${program_dir}/completions/_netstack"
          DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions")
  install(FILES "${program_dir}/completions/netstack.fish"
          DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")
endif()

install(
  EXPORT netstack-targets
  NAMESPACE netstack::
  DESTINATION "${package_dir}")
configure_package_config_file(
  "${CMAKE_CURRENT_LIST_DIR}/netstack-config.cmake.in"
  "${PROJECT_BINARY_DIR}/package/netstack-config.cmake" INSTALL_DESTINATION "${package_dir}")

# Until 1.0 a minor version is as good as a major one.
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(compatibility SameMinorVersion)
else()
  set(compatibility SameMajorVersion)
endif()
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/package/netstack-config-version.cmake" COMPATIBILITY ${compatibility})
install(FILES "${PROJECT_BINARY_DIR}/package/netstack-config.cmake"
              "${PROJECT_BINARY_DIR}/package/netstack-config-version.cmake"
        DESTINATION "${package_dir}")

# The .pc file finds its prefix from its own place.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY
           "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" OUTPUT_VARIABLE pc_to_prefix)
configure_file("${PROJECT_SOURCE_DIR}/packaging/pkgconfig/netstack.pc.in"
               "${PROJECT_BINARY_DIR}/package/netstack.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/package/netstack.pc"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

install(FILES "${PROJECT_SOURCE_DIR}/README.md" "${PROJECT_SOURCE_DIR}/CHANGELOG.md"
              "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
