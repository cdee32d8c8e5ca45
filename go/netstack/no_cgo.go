//go:build !cgo

package netstack

// Go turns cgo off where it finds no C compiler and where it compiles for another system; its own words for
// what is missing then name everything but that.
var _ = cgo_is_off__netstack_needs_CGO_ENABLED_1_and_compilers_for_C_and_Cxx
