# Links this folder into the bench, or says in one line why not.
set(NETSTACK_BENCH_SMOLTCP ON CACHE BOOL "Compare with smoltcp (needs cargo)")

file(STRINGS "${CMAKE_CURRENT_LIST_DIR}/Cargo.toml" wanted REGEX "^rust-version")
string(REGEX MATCH "[0-9.]+" wanted "${wanted}")
find_program(NETSTACK_CARGO cargo)
set(reason "")
if(NOT NETSTACK_BENCH_SMOLTCP)
  set(reason "NETSTACK_BENCH_SMOLTCP is off")
elseif(NOT NETSTACK_CARGO)
  set(reason "no cargo found, smoltcp needs ${wanted}")
else()
  execute_process(COMMAND "${NETSTACK_CARGO}" --version OUTPUT_VARIABLE found)
  string(REGEX MATCH "[0-9]+[.][0-9.]+" found "${found}")
  if(found VERSION_LESS wanted)
    set(reason "cargo is ${found}, smoltcp needs ${wanted}")
  endif()
endif()

if(reason)
  message(STATUS "The bench leaves smoltcp out: ${reason}")
  target_compile_definitions(netstack_bench PRIVATE "BENCH_NO_SMOLTCP=\"${reason}\"")
  return()
endif()

set(target_folder "${CMAKE_CURRENT_BINARY_DIR}/smoltcp")
set(archive "${target_folder}/release/libnetstack_bench_smoltcp.a")
add_custom_command(
  OUTPUT "${archive}"
  COMMAND "${NETSTACK_CARGO}" build --release --locked --quiet --target-dir "${target_folder}"
  WORKING_DIRECTORY "${CMAKE_CURRENT_LIST_DIR}"
  DEPENDS "${CMAKE_CURRENT_LIST_DIR}/Cargo.toml" "${CMAKE_CURRENT_LIST_DIR}/Cargo.lock"
          "${CMAKE_CURRENT_LIST_DIR}/echo.rs" "${CMAKE_CURRENT_LIST_DIR}/lib.rs"
  COMMENT "Building smoltcp"
  VERBATIM)
add_custom_target(netstack_bench_smoltcp DEPENDS "${archive}")
add_dependencies(netstack_bench netstack_bench_smoltcp)
target_link_libraries(netstack_bench PRIVATE "${archive}" ${CMAKE_DL_LIBS})
target_compile_definitions(netstack_bench PRIVATE BENCH_SMOLTCP)
