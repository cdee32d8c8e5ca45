package netstack

// #include "shim.h"
import "C"

import (
	"os"
	"strconv"
	"strings"
	"unicode"
)

// Status tells what went wrong. It is an error, and errors that carry one match it:
//
//	if errors.Is(err, netstack.ErrBusy) { ... }
//
// The numbers are those of the C header base.h and never change. A status that this package does not know
// is a failure like any other.
type Status int32

// The statuses, each an error of its own.
const (
	ErrUnclaimed       Status = C.NS_UNCLAIMED            // nothing here takes the packet; it is untouched
	ErrInvalidArgument Status = C.NS_ERR_INVALID_ARGUMENT // an argument makes no sense
	ErrNoMemory        Status = C.NS_ERR_NO_MEMORY        // no memory; nothing was changed
	ErrRequestExpired  Status = C.NS_ERR_EXPIRED          // the handler has returned, or this is not its goroutine
	ErrNotReplyable    Status = C.NS_ERR_NOT_REPLYABLE    // not an Echo Request
	ErrNoRoute         Status = C.NS_ERR_NO_ROUTE         // no way to the peer, or no address to answer from
	ErrLimited         Status = C.NS_ERR_LIMITED          // a bound is reached
	ErrBusy            Status = C.NS_ERR_BUSY             // in use by somebody else, or nested too deep
	ErrUnsupported     Status = C.NS_ERR_UNSUPPORTED      // this library, system or configuration cannot do it
	ErrTooSmall        Status = C.NS_ERR_TOO_SMALL        // the buffer is too small
	ErrNotFound        Status = C.NS_ERR_NOT_FOUND        // there is no such thing
	ErrClosed          Status = C.NS_ERR_CLOSED           // the stack, link, socket or device is gone
	ErrAnswered        Status = C.NS_ERR_ANSWERED         // the request was answered in another way
	ErrTimedOut        Status = C.NS_ERR_TIMED_OUT        // the deadline has passed
	ErrWouldBlock      Status = C.NS_ERR_WOULD_BLOCK      // nothing there now, or no room
	ErrInternal        Status = C.NS_ERR_INTERNAL         // a fault of the library; please report it
)

// Error says it in words.
func (s Status) Error() string {
	switch s {
	case ErrUnclaimed:
		return "netstack: nothing here takes the packet"
	case ErrInvalidArgument:
		return "netstack: an argument makes no sense"
	case ErrNoMemory:
		return "netstack: no memory"
	case ErrRequestExpired:
		return "netstack: the request has expired: its handler has returned, or runs in another goroutine"
	case ErrNotReplyable:
		return "netstack: not an Echo Request, so there is no reply to it"
	case ErrNoRoute:
		return "netstack: no route, or no address to answer from"
	case ErrLimited:
		return "netstack: a bound is reached"
	case ErrBusy:
		return "netstack: in use, or nested too deep"
	case ErrUnsupported:
		return "netstack: not supported here"
	case ErrTooSmall:
		return "netstack: the buffer is too small"
	case ErrNotFound:
		return "netstack: there is no such thing"
	case ErrClosed:
		return "netstack: closed"
	case ErrAnswered:
		return "netstack: the request was answered in another way"
	case ErrTimedOut:
		return "netstack: the deadline has passed"
	case ErrWouldBlock:
		return "netstack: nothing there now, or no room"
	case ErrInternal:
		return "netstack: a fault of the library"
	}
	return "netstack: " + s.String()
}

// String is the name of the status in C, such as "NS_ERR_BUSY".
func (s Status) String() string {
	return C.GoString(C.ns_status_name(C.ns_status(s)))
}

// Is makes ErrClosed match [os.ErrClosed], ErrNotFound [os.ErrNotExist], ErrInvalidArgument [os.ErrInvalid]
// and ErrTimedOut [os.ErrDeadlineExceeded].
func (s Status) Is(target error) bool {
	switch s {
	case ErrClosed:
		return target == os.ErrClosed
	case ErrNotFound:
		return target == os.ErrNotExist
	case ErrInvalidArgument:
		return target == os.ErrInvalid
	case ErrTimedOut:
		return target == os.ErrDeadlineExceeded
	}
	return false
}

// Timeout is true of ErrTimedOut, as [os.IsTimeout] asks.
func (s Status) Timeout() bool { return s == ErrTimedOut }

// Error is a failure with a sentence that names what was wrong. It unwraps to its Status.
type Error struct {
	Op      string // what was called, such as "Stack.AddNIC"
	Status  Status
	Message string // a sentence without a line break
}

func (e *Error) Error() string { return "netstack: " + e.Op + ": " + e.Message }

// Unwrap returns the Status, for [errors.Is] and [errors.As].
func (e *Error) Unwrap() error { return e.Status }

// asError makes an error of what the library said, and frees the library's own.
func asError(op string, status C.ns_status, said *C.ns_error) error {
	if status == C.NS_OK {
		return nil
	}
	if said == nil {
		return statusError(status)
	}
	defer C.ns_error_free(said)
	return &Error{op, Status(status), oneLine(C.GoString(C.ns_error_message(said)))}
}

// oneLine writes control characters, of names that somebody gave, as Go does.
func oneLine(text string) string {
	if !strings.ContainsFunc(text, unicode.IsControl) {
		return text
	}
	quoted := strconv.Quote(text)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

// statusError is for calls that give no sentence.
func statusError(status C.ns_status) error {
	switch Status(status) {
	case C.NS_OK:
		return nil
	case ErrRequestExpired: // constants, which need no allocation
		return ErrRequestExpired
	case ErrWouldBlock:
		return ErrWouldBlock
	case ErrUnclaimed:
		return ErrUnclaimed
	}
	return Status(status)
}

func invalid(op, message string) error { return &Error{op, ErrInvalidArgument, message} }

// whenClosed is what the methods of something closed, or never made, return.
func whenClosed(op string) error { return &Error{op, ErrClosed, "it is closed, or was never made"} }
