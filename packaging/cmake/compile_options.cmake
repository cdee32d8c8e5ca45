# How every target of ours is compiled. Nothing here reaches targets of other projects.

include(CheckCXXSymbolExists)

# With glibc, thread-local variables of the shared library use the fast model: it costs nothing at
# start and saves several nanoseconds per packet. With musl such a library could not be opened late.
check_cxx_symbol_exists(__GLIBC__ "features.h" NETSTACK_HAVE_GLIBC)

set(netstack_warnings -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow)
set(netstack_cxx_warnings -Wold-style-cast -Wnon-virtual-dtor)

set(netstack_sanitizers ${NETSTACK_SANITIZE})
if(NETSTACK_FUZZ)
  list(PREPEND netstack_sanitizers fuzzer-no-link address undefined)
  list(REMOVE_DUPLICATES netstack_sanitizers)
endif()
# Here gcc 12 sees errors that are none, in its own standard library, as soon as it optimises.
set(netstack_gcc_false_alarms -Wno-array-bounds -Wno-stringop-overflow)

list(JOIN netstack_sanitizers "," netstack_sanitize_list)

# Warnings, sanitizers, standards and reproducible paths for one target.
function(netstack_configure_target target)
  target_compile_features(${target} PRIVATE c_std_99 cxx_std_20)
  set_target_properties(
    ${target}
    PROPERTIES C_EXTENSIONS OFF
               CXX_EXTENSIONS OFF
               C_VISIBILITY_PRESET hidden
               CXX_VISIBILITY_PRESET hidden
               VISIBILITY_INLINES_HIDDEN ON)
  target_compile_options(
    ${target} PRIVATE ${netstack_warnings} "$<$<COMPILE_LANGUAGE:CXX>:${netstack_cxx_warnings}>"
                      "$<$<COMPILE_LANG_AND_ID:CXX,GNU>:${netstack_gcc_false_alarms}>"
                      "$<$<NOT:$<CONFIG:Debug>>:-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.>")
  if(NETSTACK_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(netstack_sanitize_list)
    target_compile_options(
      ${target} PRIVATE -fsanitize=${netstack_sanitize_list} -fno-sanitize-recover=all
                        -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=${netstack_sanitize_list})
  endif()
endfunction()

# A program of GoogleTest tests. Half the time of a build goes into these, so: GoogleTest's header is
# compiled once (not with ccache, which would then keep nothing), and beside sanitizers, which make
# every instruction ten, the tests themselves are not optimised; what they test is.
function(netstack_configure_test target)
  netstack_configure_target(${target})
  if(NOT CMAKE_CXX_COMPILER_LAUNCHER MATCHES "ccache")
    target_precompile_headers(${target} PRIVATE <gtest/gtest.h>)
  endif()
  if(netstack_sanitize_list)
    target_compile_options(${target} PRIVATE -O0)
  endif()
endfunction()

# What goes into the library: position independent and with the fast thread-local model.
function(netstack_configure_library_objects target)
  netstack_configure_target(${target})
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  if(NETSTACK_HAVE_GLIBC)
    target_compile_options(${target} PRIVATE -ftls-model=initial-exec)
  endif()
endfunction()
