// Made from the C headers by packaging/generate-bindings.sh: not to be edited.

/// Room for any address or prefix as text, with the terminating 0.
pub const NS_ADDRESS_TEXT_SIZE: u32 = 64;
/// As per_second of [`ns_stack_set_icmp_rate`]: no limit.
pub const NS_ICMP_RATE_UNLIMITED: u32 = 4294967295;
/// The largest MTU of any link, in bytes.
pub const NS_MTU_MAX: u32 = 65535;
/// Rises when programs must change; from 1.0 on.
pub const NS_VERSION_MAJOR: u32 = 0;
/// Rises with what is new; before 1.0 each has an ABI of its own.
pub const NS_VERSION_MINOR: u32 = 1;
/// Rises with what is mended.
pub const NS_VERSION_PATCH: u32 = 0;
/// The three, with dots between them.
pub const NS_VERSION_STRING: &::core::ffi::CStr = c"0.1.0";
/// The ABI that these headers describe; compare with [`ns_abi_version`].
pub const NS_ABI_VERSION: u32 = 1;
/// What became of a call: [`NS_OK`], a positive value, or a negative `NS_ERR_` one.
pub type ns_status = i32;
/// Done.
pub const NS_OK: ns_status = 0;
/// Nothing here takes this packet; it is untouched.
pub const NS_UNCLAIMED: ns_status = 1;
/// An argument makes no sense.
pub const NS_ERR_INVALID_ARGUMENT: ns_status = -1;
/// No memory; nothing was changed.
pub const NS_ERR_NO_MEMORY: ns_status = -2;
/// The request's callback has returned, or this is not its thread.
pub const NS_ERR_EXPIRED: ns_status = -3;
/// Not an Echo Request.
pub const NS_ERR_NOT_REPLYABLE: ns_status = -4;
/// No way to the peer, or no address to answer from.
pub const NS_ERR_NO_ROUTE: ns_status = -5;
/// A bound is reached.
pub const NS_ERR_LIMITED: ns_status = -6;
/// In use by somebody else, or nested too deep.
pub const NS_ERR_BUSY: ns_status = -7;
/// This library, system or configuration cannot do it.
pub const NS_ERR_UNSUPPORTED: ns_status = -8;
/// The buffer is too small; the length needed is reported.
pub const NS_ERR_TOO_SMALL: ns_status = -9;
/// There is no such thing.
pub const NS_ERR_NOT_FOUND: ns_status = -10;
/// The stack, link or device is gone.
pub const NS_ERR_CLOSED: ns_status = -11;
/// The request was answered in another way.
pub const NS_ERR_ANSWERED: ns_status = -12;
/// The deadline has passed.
pub const NS_ERR_TIMED_OUT: ns_status = -13;
/// Nothing there now.
pub const NS_ERR_WOULD_BLOCK: ns_status = -14;
/// A fault of the library; please report it.
pub const NS_ERR_INTERNAL: ns_status = -99;
/// IPv4, IPv6 or both.
pub type ns_family = u32;
/// Both, where a function takes more than one.
pub const NS_FAMILY_ANY: ns_family = 0;
/// IPv4.
pub const NS_FAMILY_IPV4: ns_family = 4;
/// IPv6.
pub const NS_FAMILY_IPV6: ns_family = 6;
/// Called once with what was registered beside it; see the file's comment.
pub type ns_destroy_fn = ::core::option::Option<
    unsafe extern "C" fn(user_data: *mut ::core::ffi::c_void),
>;
/// Why a call failed, in a sentence. Made by a failing call, freed by the caller.
#[repr(C)]
#[derive(Debug)]
pub struct ns_error {
    _unused: [u8; 0],
}
unsafe extern "C" {
    /// The status that came with the error. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `error`: May be NULL.
    ///
    /// # Returns
    ///
    /// The status; [`NS_OK`] for NULL.
    ///
    /// Since 0.1.
    pub fn ns_error_status(error: *const ns_error) -> ns_status;
    /// A sentence that names what was wrong. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `error`: NULL gives "no error".
    ///
    /// # Returns
    ///
    /// Text in UTF-8 without a line break, never NULL; borrowed from the
    /// error, valid until [`ns_error_free`].
    ///
    /// Since 0.1.
    pub fn ns_error_message(error: *const ns_error) -> *const ::core::ffi::c_char;
    /// Frees an error. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `error`: May be NULL.
    ///
    /// Since 0.1.
    pub fn ns_error_free(error: *mut ns_error);
    /// A status's constant as text, such as "[`NS_ERR_EXPIRED`]". \[pure\]
    ///
    /// # Parameters
    ///
    /// - `status`: Any number.
    ///
    /// # Returns
    ///
    /// A string of the library, never NULL, valid for ever; "`NS_ERR_UNKNOWN`"
    /// for a number that is no status.
    ///
    /// Since 0.1.
    pub fn ns_status_name(status: ns_status) -> *const ::core::ffi::c_char;
}
/// An IPv4 or IPv6 address. All bytes 0: no address. 24 bytes.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct ns_address {
    /// Network byte order; IPv4 in the first 4, the others 0.
    pub bytes: [u8; 16usize],
    /// [`NS_FAMILY_IPV4`] or [`NS_FAMILY_IPV6`].
    pub family: u32,
    /// The NIC on whose link an IPv6 link-local address or group is meant; 0: not
    /// told. Packets tell it, sockets and [`ns_ping`] go by it; elsewhere, and on any
    /// other address, it means nothing.
    pub scope: u32,
}
#[cfg(target_pointer_width = "64")]
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of ns_address"][::core::mem::size_of::<ns_address>() - 24usize];
    ["Alignment of ns_address"][::core::mem::align_of::<ns_address>() - 4usize];
    [
        "Offset of field: ns_address::bytes",
    ][::core::mem::offset_of!(ns_address, bytes) - 0usize];
    [
        "Offset of field: ns_address::family",
    ][::core::mem::offset_of!(ns_address, family) - 16usize];
    [
        "Offset of field: ns_address::scope",
    ][::core::mem::offset_of!(ns_address, scope) - 20usize];
};
/// An address with a prefix length: a network, or an address in its subnet. 28 bytes.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct ns_prefix {
    /// Of a network all bits behind the length are 0.
    pub address: ns_address,
    /// 0 to 32 or 128.
    pub length: u32,
}
#[cfg(target_pointer_width = "64")]
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of ns_prefix"][::core::mem::size_of::<ns_prefix>() - 28usize];
    ["Alignment of ns_prefix"][::core::mem::align_of::<ns_prefix>() - 4usize];
    [
        "Offset of field: ns_prefix::address",
    ][::core::mem::offset_of!(ns_prefix, address) - 0usize];
    [
        "Offset of field: ns_prefix::length",
    ][::core::mem::offset_of!(ns_prefix, length) - 24usize];
};
unsafe extern "C" {
    /// Reads "192.0.2.1" or "2001:db8::1". \[pure\]
    ///
    /// # Parameters
    ///
    /// - `text`: Text that ends in 0. No zone, no spaces, no leading zeros
    /// in IPv4.
    /// - `out_address`: Receives the address; untouched on failure.
    ///
    /// # Returns
    ///
    /// [`NS_OK`] or [`NS_ERR_INVALID_ARGUMENT`].
    ///
    /// Since 0.1.
    pub fn ns_address_parse(
        text: *const ::core::ffi::c_char,
        out_address: *mut ns_address,
    ) -> ns_status;
    /// Writes an address as text, IPv6 as RFC 5952 wants it. \[pure\]
    ///
    /// # Parameters
    ///
    /// - `address`: The address.
    /// - `buffer`: Receives text that ends in 0. May be NULL if capacity is 0.
    /// - `capacity`: Bytes in buffer; [`NS_ADDRESS_TEXT_SIZE`] is always enough.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`] (unknown family), or [`NS_ERR_TOO_SMALL`]
    /// (nothing was written).
    ///
    /// Since 0.1.
    pub fn ns_address_format(
        address: *const ns_address,
        buffer: *mut ::core::ffi::c_char,
        capacity: usize,
    ) -> ns_status;
    /// Reads "192.0.2.1/24" or "2001:db8::1/64". \[pure\]
    ///
    /// Bits behind the prefix may be set: an address in its subnet is written so.
    ///
    /// # Parameters
    ///
    /// - `text`: Text that ends in 0.
    /// - `out_prefix`: Receives the prefix; untouched on failure.
    ///
    /// # Returns
    ///
    /// [`NS_OK`] or [`NS_ERR_INVALID_ARGUMENT`].
    ///
    /// Since 0.1.
    pub fn ns_prefix_parse(
        text: *const ::core::ffi::c_char,
        out_prefix: *mut ns_prefix,
    ) -> ns_status;
    /// Writes a prefix as text. \[pure\]
    ///
    /// # Parameters
    ///
    /// - `prefix`: The prefix.
    /// - `buffer`: Receives text that ends in 0. May be NULL if capacity is 0.
    /// - `capacity`: Bytes in buffer; [`NS_ADDRESS_TEXT_SIZE`] is always enough.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`] (unknown family, length too large), or
    /// [`NS_ERR_TOO_SMALL`] (nothing was written).
    ///
    /// Since 0.1.
    pub fn ns_prefix_format(
        prefix: *const ns_prefix,
        buffer: *mut ::core::ffi::c_char,
        capacity: usize,
    ) -> ns_status;
}
/// A capture being written. Made by `ns_capture_*_new`, freed by the caller.
#[repr(C)]
#[derive(Debug)]
pub struct ns_capture {
    _unused: [u8; 0],
}
/// Takes the next bytes of a capture: first the file header, then one whole
/// record a call. Calls do not overlap. The bytes are borrowed for the call.
pub type ns_capture_write_fn = ::core::option::Option<
    unsafe extern "C" fn(
        user_data: *mut ::core::ffi::c_void,
        bytes: *const u8,
        length: usize,
    ),
>;
unsafe extern "C" {
    /// Makes a capture that writes a file, each record at once. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `path`: The file; what it held is lost.
    /// - `out_capture`: Receives a capture that the caller owns, or NULL.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`], [`NS_ERR_NOT_FOUND`] or [`NS_ERR_UNSUPPORTED`]
    /// (the file can't be made), [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_capture_file_new(
        path: *const ::core::ffi::c_char,
        out_capture: *mut *mut ns_capture,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Makes a capture that hands its bytes to a function. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `write`: Called on the thread that delivers or sends a packet.
    /// - `user_data`: Passed to write and destroy.
    /// - `destroy`: May be NULL. See base.h for its rules.
    /// - `out_capture`: Receives a capture that the caller owns, or NULL.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`] or [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_capture_callback_new(
        write: ns_capture_write_fn,
        user_data: *mut ::core::ffi::c_void,
        destroy: ns_destroy_fn,
        out_capture: *mut *mut ns_capture,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// How many records could not be written, because the file refused them.
    /// 0 for NULL. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `capture`: May be NULL.
    ///
    /// # Returns
    ///
    /// Records, since it was made.
    ///
    /// Since 0.1.
    pub fn ns_capture_get_lost(capture: *const ns_capture) -> u64;
    /// Gives the caller's reference back; a NIC that captures keeps its own.
    /// \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `capture`: May be NULL.
    ///
    /// Since 0.1.
    pub fn ns_capture_free(capture: *mut ns_capture);
}
/// A source of time. Made by `ns_clock_*_new`, freed by the caller.
#[repr(C)]
#[derive(Debug)]
pub struct ns_clock {
    _unused: [u8; 0],
}
unsafe extern "C" {
    /// Makes a clock that stands still until [`ns_clock_advance`]. \[any thread\]
    ///
    /// A stack with such a clock is driven by [`ns_stack_poll`]; [`ns_stack_run`] refuses
    /// it, since it can't wait.
    ///
    /// # Parameters
    ///
    /// - `start_ns`: The first time it shows; also as wall time, since 1970 UTC.
    /// - `out_clock`: Receives a clock that the caller owns, or NULL.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`] or [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_clock_manual_new(
        start_ns: u64,
        out_clock: *mut *mut ns_clock,
    ) -> ns_status;
    /// Moves a manual clock on. Timers that become due run at the next
    /// [`ns_stack_poll`]. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `clock`: A manual clock.
    /// - `nanoseconds`: How far.
    ///
    /// # Returns
    ///
    /// [`NS_OK`]; [`NS_ERR_UNSUPPORTED`]: the clock is not a manual one;
    /// [`NS_ERR_INVALID_ARGUMENT`].
    ///
    /// Since 0.1.
    pub fn ns_clock_advance(clock: *mut ns_clock, nanoseconds: u64) -> ns_status;
}
/// The time now: in nanoseconds, never going back. May be called by any thread.
pub type ns_clock_now_fn = ::core::option::Option<
    unsafe extern "C" fn(user_data: *mut ::core::ffi::c_void) -> u64,
>;
/// Waits until `descriptor` is readable or the clock shows `deadline_ns`
/// (`NS_TIME_NEVER`: no deadline). Returning early is allowed.
///
/// # Returns
///
/// [`NS_OK`]; anything else ends [`ns_stack_run`] with that status.
pub type ns_clock_wait_fn = ::core::option::Option<
    unsafe extern "C" fn(
        user_data: *mut ::core::ffi::c_void,
        descriptor: ::core::ffi::c_int,
        deadline_ns: u64,
    ) -> ns_status,
>;
/// What a clock of the embedder's is made of. Start from the INIT macro.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct ns_clock_options {
    /// sizeof this struct, as the caller knows it.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Since 1970 UTC, for captures; NULL: the time now.
    pub wall_now: ns_clock_now_fn,
    /// NULL: [`ns_stack_run`] refuses the clock.
    pub wait: ns_clock_wait_fn,
}
#[cfg(target_pointer_width = "64")]
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of ns_clock_options"][::core::mem::size_of::<ns_clock_options>() - 24usize];
    [
        "Alignment of ns_clock_options",
    ][::core::mem::align_of::<ns_clock_options>() - 8usize];
    [
        "Offset of field: ns_clock_options::struct_size",
    ][::core::mem::offset_of!(ns_clock_options, struct_size) - 0usize];
    [
        "Offset of field: ns_clock_options::reserved",
    ][::core::mem::offset_of!(ns_clock_options, reserved) - 4usize];
    [
        "Offset of field: ns_clock_options::wall_now",
    ][::core::mem::offset_of!(ns_clock_options, wall_now) - 8usize];
    [
        "Offset of field: ns_clock_options::wait",
    ][::core::mem::offset_of!(ns_clock_options, wait) - 16usize];
};
unsafe extern "C" {
    /// What the INIT macro does, for FFI callers. \[pure\]
    ///
    /// # Parameters
    ///
    /// - `options`: Receives the defaults. NULL does nothing.
    /// - `size`: sizeof *options, as the caller knows it.
    ///
    /// Since 0.1.
    pub fn ns_clock_options_init(options: *mut ns_clock_options, size: usize);
    /// Makes a clock out of the embedder's functions. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `options`: NULL for the defaults. Borrowed for the call.
    /// - `now`: The time now.
    /// - `user_data`: Passed to every function of the clock.
    /// - `destroy`: May be NULL. See base.h for its rules.
    /// - `out_clock`: Receives a clock that the caller owns, or NULL.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`], [`NS_ERR_UNSUPPORTED`] or [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_clock_callback_new(
        options: *const ns_clock_options,
        now: ns_clock_now_fn,
        user_data: *mut ::core::ffi::c_void,
        destroy: ns_destroy_fn,
        out_clock: *mut *mut ns_clock,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// The time that a clock shows; 0 for NULL, and in the child of a fork for what it
    /// inherited. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `clock`: May be NULL.
    ///
    /// # Returns
    ///
    /// Nanoseconds, by the clock's own zero.
    ///
    /// Since 0.1.
    pub fn ns_clock_get_now(clock: *const ns_clock) -> u64;
    /// Gives the caller's reference back. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `clock`: May be NULL.
    ///
    /// Since 0.1.
    pub fn ns_clock_free(clock: *mut ns_clock);
}
/// Nobody assigned it: promiscuous mode or a local prefix.
pub const NS_PACKET_TEMPORARY: u32 = 1;
/// The limited broadcast address, or a subnet's.
pub const NS_PACKET_BROADCAST: u32 = 2;
/// A joined group.
pub const NS_PACKET_MULTICAST: u32 = 4;
/// The ICMP checksum is wrong. Only raw sockets get to see such a packet.
pub const NS_PACKET_BAD_CHECKSUM: u32 = 8;
/// What there is to know of an ICMP packet. A plain copy: valid for ever.
///
/// Later versions append fields; see the functions that fill it.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct ns_packet_info {
    /// Where it came from.
    pub source: ns_address,
    /// Where it went to.
    pub destination: ns_address,
    /// The NIC that it came in on.
    pub nic: u32,
    /// `NS_PACKET_` bits.
    pub flags: u32,
    /// Bytes of the whole packet, from the IP header on.
    pub length: u32,
    /// Where the ICMP message begins, in bytes.
    pub icmp_offset: u32,
    /// Where the echo data begins, in bytes; it ends with the packet.
    pub payload_offset: u32,
    /// Of the echo. Host byte order.
    pub identifier: u16,
    /// Of the echo. Host byte order.
    pub sequence: u16,
    /// ICMP type: 8 or 128 for an Echo Request, 0 or 129 for a Reply.
    pub type_: u8,
    /// ICMP code, as it came.
    pub code: u8,
    /// TTL or Hop Limit, as it came.
    pub ttl: u8,
    /// TOS or Traffic Class, as it came.
    pub tos: u8,
}
#[cfg(target_pointer_width = "64")]
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of ns_packet_info"][::core::mem::size_of::<ns_packet_info>() - 76usize];
    ["Alignment of ns_packet_info"][::core::mem::align_of::<ns_packet_info>() - 4usize];
    [
        "Offset of field: ns_packet_info::source",
    ][::core::mem::offset_of!(ns_packet_info, source) - 0usize];
    [
        "Offset of field: ns_packet_info::destination",
    ][::core::mem::offset_of!(ns_packet_info, destination) - 24usize];
    [
        "Offset of field: ns_packet_info::nic",
    ][::core::mem::offset_of!(ns_packet_info, nic) - 48usize];
    [
        "Offset of field: ns_packet_info::flags",
    ][::core::mem::offset_of!(ns_packet_info, flags) - 52usize];
    [
        "Offset of field: ns_packet_info::length",
    ][::core::mem::offset_of!(ns_packet_info, length) - 56usize];
    [
        "Offset of field: ns_packet_info::icmp_offset",
    ][::core::mem::offset_of!(ns_packet_info, icmp_offset) - 60usize];
    [
        "Offset of field: ns_packet_info::payload_offset",
    ][::core::mem::offset_of!(ns_packet_info, payload_offset) - 64usize];
    [
        "Offset of field: ns_packet_info::identifier",
    ][::core::mem::offset_of!(ns_packet_info, identifier) - 68usize];
    [
        "Offset of field: ns_packet_info::sequence",
    ][::core::mem::offset_of!(ns_packet_info, sequence) - 70usize];
    [
        "Offset of field: ns_packet_info::type_",
    ][::core::mem::offset_of!(ns_packet_info, type_) - 72usize];
    [
        "Offset of field: ns_packet_info::code",
    ][::core::mem::offset_of!(ns_packet_info, code) - 73usize];
    [
        "Offset of field: ns_packet_info::ttl",
    ][::core::mem::offset_of!(ns_packet_info, ttl) - 74usize];
    [
        "Offset of field: ns_packet_info::tos",
    ][::core::mem::offset_of!(ns_packet_info, tos) - 75usize];
};
/// A packet that is kept: shared by count, read-only, and without any right to
/// answer. From [`ns_request_ref_packet`], or received by a socket.
#[repr(C)]
#[derive(Debug)]
pub struct ns_packet {
    _unused: [u8; 0],
}
unsafe extern "C" {
    /// Adds an owner. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `packet`: NULL does nothing.
    ///
    /// # Returns
    ///
    /// packet.
    ///
    /// Since 0.1.
    pub fn ns_packet_ref(packet: *mut ns_packet) -> *mut ns_packet;
    /// Takes an owner away; the last one frees the packet. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `packet`: May be NULL.
    ///
    /// Since 0.1.
    pub fn ns_packet_unref(packet: *mut ns_packet);
    /// What there is to know of the packet. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `packet`: The packet.
    /// - `out_info`: Receives it.
    /// - `size`: sizeof *out_info, as the caller knows it: fields beyond are
    /// left out, fields that the library does not know become 0.
    ///
    /// # Returns
    ///
    /// [`NS_OK`] or [`NS_ERR_INVALID_ARGUMENT`].
    ///
    /// Since 0.1.
    pub fn ns_packet_get_info(
        packet: *const ns_packet,
        out_info: *mut ns_packet_info,
        size: usize,
    ) -> ns_status;
    /// The packet's bytes, from the IP header on. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `packet`: The packet.
    /// - `out_bytes`: Receives a pointer that is valid as long as the caller owns
    /// the packet.
    /// - `out_length`: Receives how many there are.
    ///
    /// # Returns
    ///
    /// [`NS_OK`] or [`NS_ERR_INVALID_ARGUMENT`].
    ///
    /// Since 0.1.
    pub fn ns_packet_borrow_bytes(
        packet: *const ns_packet,
        out_bytes: *mut *const u8,
        out_length: *mut usize,
    ) -> ns_status;
}
/// One packet on its way through a handler.
///
/// A value, not a pointer: it names the request and keeps nothing alive. It is
/// usable on the thread that runs the callback, until the callback returns, also
/// in callbacks nested inside. Anywhere else, for ever, every function that takes
/// it returns [`NS_ERR_EXPIRED`]; none of them crashes or finds another packet.
/// Values never repeat; 0 is none.
pub type ns_request = u64;
/// What a handler decided. Any other value is a handler that failed.
pub type ns_verdict = i32;
/// The stack goes on as if there were no handler.
pub const NS_VERDICT_DECLINED: ns_verdict = 0;
/// The handler owns the packet; the stack does nothing more.
pub const NS_VERDICT_CONSUMED: ns_verdict = 1;
unsafe extern "C" {
    /// Asks for the stack's own Echo Reply. \[callback thread\]
    ///
    /// It leaves before this returns, and is what the stack would have sent by
    /// itself: TOS, identification, code, identifier, sequence and data of the
    /// request, default TTL. It comes from the request's destination, also if nobody
    /// assigned that address; for a broadcast or multicast request from one of the
    /// NIC's own. One reply is sent however often it is called, and declining the
    /// request afterwards sends no second one, nor one after a failure.
    ///
    /// # Parameters
    ///
    /// - `request`: The callback's request.
    ///
    /// # Returns
    ///
    /// [`NS_OK`]: accepted, though a full link may still drop it; and at every
    /// later call what the first one returned. [`NS_ERR_NO_ROUTE`]: no way back,
    /// or no address to answer from. [`NS_ERR_NOT_REPLYABLE`]: not an Echo
    /// Request. [`NS_ERR_EXPIRED`].
    ///
    /// Since 0.1.
    pub fn ns_request_reply(request: ns_request) -> ns_status;
    /// What there is to know of the packet. \[callback thread\]
    ///
    /// # Parameters
    ///
    /// - `request`: The callback's request.
    /// - `out_info`: Receives it; untouched on failure.
    /// - `size`: sizeof *out_info, as the caller knows it: fields beyond are
    /// left out, fields that the library does not know become 0.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`] or [`NS_ERR_EXPIRED`].
    ///
    /// Since 0.1.
    pub fn ns_request_get_info(
        request: ns_request,
        out_info: *mut ns_packet_info,
        size: usize,
    ) -> ns_status;
    /// The packet's bytes, from the IP header on, without a copy. \[callback thread\]
    ///
    /// # Parameters
    ///
    /// - `request`: The callback's request.
    /// - `out_bytes`: Receives a pointer that is valid until the callback returns
    /// and not a moment longer. Read only.
    /// - `out_length`: Receives how many there are.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`] or [`NS_ERR_EXPIRED`].
    ///
    /// Since 0.1.
    pub fn ns_request_borrow_packet(
        request: ns_request,
        out_bytes: *mut *const u8,
        out_length: *mut usize,
    ) -> ns_status;
    /// Copies the packet's bytes, from the IP header on. \[callback thread\]
    ///
    /// # Parameters
    ///
    /// - `request`: The callback's request.
    /// - `buffer`: Receives the bytes. May be NULL if capacity is 0.
    /// - `capacity`: Bytes in buffer.
    /// - `out_length`: Receives the packet's length, also with [`NS_ERR_TOO_SMALL`];
    /// 0 with every other failure.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_TOO_SMALL`] (nothing was copied),
    /// [`NS_ERR_INVALID_ARGUMENT`] or [`NS_ERR_EXPIRED`].
    ///
    /// Since 0.1.
    pub fn ns_request_copy_packet(
        request: ns_request,
        buffer: *mut u8,
        capacity: usize,
        out_length: *mut usize,
    ) -> ns_status;
    /// Keeps a copy of the packet beyond the callback. \[callback thread\]
    ///
    /// # Parameters
    ///
    /// - `request`: The callback's request.
    /// - `out_packet`: Receives a packet that the caller owns, or NULL. It carries
    /// no right to answer.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`], [`NS_ERR_EXPIRED`] or [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_request_ref_packet(
        request: ns_request,
        out_packet: *mut *mut ns_packet,
    ) -> ns_status;
}
/// A source of random numbers. Made by `ns_random_*_new`, freed by the caller.
#[repr(C)]
#[derive(Debug)]
pub struct ns_random {
    _unused: [u8; 0],
}
unsafe extern "C" {
    /// Makes a source that gives the same numbers for the same seed, on every
    /// machine. For tests and replays, not for secrets. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `seed`: Any number.
    /// - `out_random`: Receives a source that the caller owns, or NULL.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`] or [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_random_seeded_new(seed: u64, out_random: *mut *mut ns_random) -> ns_status;
}
/// 64 random bits. May be called by any thread; calls may overlap.
pub type ns_random_next_fn = ::core::option::Option<
    unsafe extern "C" fn(user_data: *mut ::core::ffi::c_void) -> u64,
>;
unsafe extern "C" {
    /// Makes a source out of the embedder's function. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `next`: Gives the next number.
    /// - `user_data`: Passed to next and destroy.
    /// - `destroy`: May be NULL. See base.h for its rules.
    /// - `out_random`: Receives a source that the caller owns, or NULL.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`] or [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_random_callback_new(
        next: ns_random_next_fn,
        user_data: *mut ::core::ffi::c_void,
        destroy: ns_destroy_fn,
        out_random: *mut *mut ns_random,
    ) -> ns_status;
    /// Gives the caller's reference back. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `random`: May be NULL.
    ///
    /// Since 0.1.
    pub fn ns_random_free(random: *mut ns_random);
}
/// A stack. Made by [`ns_stack_new`], freed by the caller.
#[repr(C)]
#[derive(Debug)]
pub struct ns_stack {
    _unused: [u8; 0],
}
/// Where no route matches an answer it is not sent ([`NS_ERR_NO_ROUTE`]), instead
/// of leaving by the NIC that the request came in on.
pub const NS_STACK_STRICT_ROUTES: u32 = 1;
/// Drops packets whose source is an address of the NIC that they come in on.
pub const NS_STACK_CHECK_LOCAL_SOURCE: u32 = 2;
/// Takes packets from and to 127.0.0.0/8 and ::1.
pub const NS_STACK_ALLOW_LOOPBACK: u32 = 4;
/// Options of [`ns_stack_new`]. Start from the INIT macro.
///
/// Fragments of datagrams that are not whole yet are held, for each family, in
/// reassembly_high bytes at most. When that is not enough the stack gives
/// datagrams up, until they take reassembly_low bytes, which must not be more:
/// always the oldest of the source whose fragments take most, so that nobody can
/// crowd out everyone else. A datagram takes 640 bytes, and each of its fragments
/// 128 beside its data: one of 65,535 bytes takes about 72,000 in packets of 1500,
/// and 1.12 million at the worst, in fragments of 8. One that takes more than
/// reassembly_high, its last fragment aside, never comes whole, and is given up
/// without an error to anyone.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct ns_stack_options {
    /// sizeof this struct, as the caller knows it.
    pub struct_size: u32,
    /// `NS_STACK_` bits.
    pub flags: u32,
    /// TTL of what the stack sends by IPv4, 1 to 255; 0: 64.
    pub default_ttl: u32,
    /// Hop Limit by IPv6, 1 to 255; 0: 64.
    pub default_hop_limit: u32,
    /// Shared with the stack. NULL: the system's.
    pub clock: *mut ns_clock,
    /// Shared with the stack. NULL: the system's.
    pub random: *mut ns_random,
    /// See above; 0: 4 MiB.
    pub reassembly_high: usize,
    /// See above; 0: three quarters of reassembly_high.
    pub reassembly_low: usize,
}
#[cfg(target_pointer_width = "64")]
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of ns_stack_options"][::core::mem::size_of::<ns_stack_options>() - 48usize];
    [
        "Alignment of ns_stack_options",
    ][::core::mem::align_of::<ns_stack_options>() - 8usize];
    [
        "Offset of field: ns_stack_options::struct_size",
    ][::core::mem::offset_of!(ns_stack_options, struct_size) - 0usize];
    [
        "Offset of field: ns_stack_options::flags",
    ][::core::mem::offset_of!(ns_stack_options, flags) - 4usize];
    [
        "Offset of field: ns_stack_options::default_ttl",
    ][::core::mem::offset_of!(ns_stack_options, default_ttl) - 8usize];
    [
        "Offset of field: ns_stack_options::default_hop_limit",
    ][::core::mem::offset_of!(ns_stack_options, default_hop_limit) - 12usize];
    [
        "Offset of field: ns_stack_options::clock",
    ][::core::mem::offset_of!(ns_stack_options, clock) - 16usize];
    [
        "Offset of field: ns_stack_options::random",
    ][::core::mem::offset_of!(ns_stack_options, random) - 24usize];
    [
        "Offset of field: ns_stack_options::reassembly_high",
    ][::core::mem::offset_of!(ns_stack_options, reassembly_high) - 32usize];
    [
        "Offset of field: ns_stack_options::reassembly_low",
    ][::core::mem::offset_of!(ns_stack_options, reassembly_low) - 40usize];
};
unsafe extern "C" {
    /// What the INIT macro does, for FFI callers. \[pure\]
    ///
    /// # Parameters
    ///
    /// - `options`: Receives the defaults. NULL does nothing.
    /// - `size`: sizeof *options, as the caller knows it.
    ///
    /// Since 0.1.
    pub fn ns_stack_options_init(options: *mut ns_stack_options, size: usize);
    /// Makes a stack without NICs. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `options`: NULL for the defaults. Borrowed for the call.
    /// - `out_stack`: Receives a stack that the caller owns, or NULL.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`], [`NS_ERR_UNSUPPORTED`] (unknown option),
    /// [`NS_ERR_LIMITED`] (no descriptors left) or [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_stack_new(
        options: *const ns_stack_options,
        out_stack: *mut *mut ns_stack,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Ends a stack. \[any thread\]
    ///
    /// Closed at once, for everyone: loops return, links are let go. It does not
    /// wait: running callbacks finish, and memory goes, and destroy functions run,
    /// when the calls that are under way now have left the library, those of other
    /// stacks among them; if there are none, before this returns. Allowed inside the
    /// stack's own callbacks.
    ///
    /// # Parameters
    ///
    /// - `stack`: May be NULL.
    ///
    /// Since 0.1.
    pub fn ns_stack_free(stack: *mut ns_stack);
    /// Reads devices, delivers packets and runs timers until [`ns_stack_stop`].
    /// \[any thread, not inside a callback of this stack\]
    ///
    /// Several threads may call it: the first runs the timers and serves every device
    /// that no other call serves, each further one takes one device over.
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`]: it was stopped, now or before the call. [`NS_ERR_BUSY`]: no device
    /// is left for this call. [`NS_ERR_CLOSED`]: the stack was freed, or a device
    /// is gone; out_error says which, and running again serves the others.
    /// [`NS_ERR_UNSUPPORTED`]: the stack's clock can't wait.
    /// [`NS_ERR_INVALID_ARGUMENT`], [`NS_ERR_NO_MEMORY`], or what the clock's wait
    /// function returned.
    ///
    /// Since 0.1.
    pub fn ns_stack_run(
        stack: *mut ns_stack,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Makes every [`ns_stack_run`] of this stack return, now and from now on.
    /// \[any thread, also signal handlers\]
    ///
    /// # Parameters
    ///
    /// - `stack`: NULL does nothing.
    ///
    /// Since 0.1.
    pub fn ns_stack_stop(stack: *mut ns_stack);
    /// For loops of the embedder's own: runs the timers that are due, reads what the
    /// devices have, and returns without waiting. \[any thread\]
    ///
    /// Reads a fair share of each device; the descriptor stays readable if more is
    /// there. Devices that another thread is reading are left to it.
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `out_packets`: NULL, or receives how many packets were read.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`]; [`NS_ERR_CLOSED`]: the stack was freed, or a device is gone;
    /// [`NS_ERR_INVALID_ARGUMENT`]; [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_stack_poll(
        stack: *mut ns_stack,
        out_packets: *mut usize,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// A descriptor that is readable when [`ns_stack_poll`] has something to do, for
    /// epoll, poll, libuv, asyncio and their like. \[any thread\]
    ///
    /// It stays the stack's: only wait for it. It also becomes readable when the next
    /// deadline has moved nearer.
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    ///
    /// # Returns
    ///
    /// The descriptor; -1 for NULL or a closed stack.
    ///
    /// Since 0.1.
    pub fn ns_stack_get_descriptor(stack: *const ns_stack) -> ::core::ffi::c_int;
    /// When [`ns_stack_poll`] must be called though the descriptor is not readable.
    /// \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    ///
    /// # Returns
    ///
    /// By the stack's clock (the system's: CLOCK_MONOTONIC), in nanoseconds;
    /// `NS_TIME_NEVER`: no timer is set, or NULL.
    ///
    /// Since 0.1.
    pub fn ns_stack_get_next_deadline(stack: *const ns_stack) -> u64;
}
/// A handler and what belongs to it. Made by [`ns_icmp_forwarder_new`], freed by
/// the caller; a stack that has it installed keeps its own reference.
#[repr(C)]
#[derive(Debug)]
pub struct ns_icmp_forwarder {
    _unused: [u8; 0],
}
/// Called for each valid Echo Request to an address, group or prefix of the
/// stack, on the thread that delivered the packet.
///
/// Calls overlap if packets are delivered on several threads. Must not unwind
/// (no C++ exception, no longjmp, no panic).
///
/// # Returns
///
/// [`NS_VERDICT_DECLINED`]: the stack goes on as if there were no handler,
/// but sends no second reply. [`NS_VERDICT_CONSUMED`]: nothing more happens.
/// Anything else: the handler failed; that is counted and nothing more
/// is sent.
pub type ns_icmp_request_fn = ::core::option::Option<
    unsafe extern "C" fn(
        user_data: *mut ::core::ffi::c_void,
        request: ns_request,
    ) -> ns_verdict,
>;
/// The handler also sees Echo Replies that nobody else wanted; see [`ns_packet_info::type_`].
pub const NS_ICMP_FORWARDER_ECHO_REPLIES: u32 = 1;
/// Options of [`ns_icmp_forwarder_new`]. Start from the INIT macro.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct ns_icmp_forwarder_options {
    /// sizeof this struct, as the caller knows it.
    pub struct_size: u32,
    /// `NS_ICMP_FORWARDER_` bits.
    pub flags: u32,
}
#[cfg(target_pointer_width = "64")]
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of ns_icmp_forwarder_options",
    ][::core::mem::size_of::<ns_icmp_forwarder_options>() - 8usize];
    [
        "Alignment of ns_icmp_forwarder_options",
    ][::core::mem::align_of::<ns_icmp_forwarder_options>() - 4usize];
    [
        "Offset of field: ns_icmp_forwarder_options::struct_size",
    ][::core::mem::offset_of!(ns_icmp_forwarder_options, struct_size) - 0usize];
    [
        "Offset of field: ns_icmp_forwarder_options::flags",
    ][::core::mem::offset_of!(ns_icmp_forwarder_options, flags) - 4usize];
};
unsafe extern "C" {
    /// What the INIT macro does, for FFI callers. \[pure\]
    ///
    /// # Parameters
    ///
    /// - `options`: Receives the defaults. NULL does nothing.
    /// - `size`: sizeof *options, as the caller knows it.
    ///
    /// Since 0.1.
    pub fn ns_icmp_forwarder_options_init(
        options: *mut ns_icmp_forwarder_options,
        size: usize,
    );
    /// Makes a forwarder. It may be installed in several stacks. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `options`: NULL for the defaults. Borrowed for the call.
    /// - `on_request`: The handler.
    /// - `user_data`: Passed to on_request and destroy.
    /// - `destroy`: May be NULL. See base.h for its rules.
    /// - `out_forwarder`: Receives a forwarder that the caller owns, or NULL.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`], [`NS_ERR_UNSUPPORTED`] (unknown option) or
    /// [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_icmp_forwarder_new(
        options: *const ns_icmp_forwarder_options,
        on_request: ns_icmp_request_fn,
        user_data: *mut ::core::ffi::c_void,
        destroy: ns_destroy_fn,
        out_forwarder: *mut *mut ns_icmp_forwarder,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Gives the caller's reference back. \[any thread\]
    ///
    /// Never waits. Stacks that have the forwarder installed go on with it; destroy
    /// runs when the last of them is done with it.
    ///
    /// # Parameters
    ///
    /// - `forwarder`: May be NULL.
    ///
    /// Since 0.1.
    pub fn ns_icmp_forwarder_free(forwarder: *mut ns_icmp_forwarder);
    /// Installs a forwarder in a stack, instead of the one that was there.
    /// \[any thread\]
    ///
    /// Called outside callbacks it waits: when it returns, the former handler is not
    /// running and never runs again. Called inside any callback it returns at once:
    /// no new call of the former handler starts, running ones finish.
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `family`: [`NS_FAMILY_IPV4`], [`NS_FAMILY_IPV6`], or [`NS_FAMILY_ANY`] for both.
    /// - `forwarder`: The forwarder; NULL removes.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`], [`NS_ERR_CLOSED`] or [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_stack_set_icmp_forwarder(
        stack: *mut ns_stack,
        family: ns_family,
        forwarder: *mut ns_icmp_forwarder,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
}
/// What the stack does by itself with an Echo Request that nobody consumed.
pub type ns_echo_policy = u32;
/// As [`ns_echo_destination`] says.
pub const NS_ECHO_POLICY_DEFAULT: ns_echo_policy = 0;
/// Answer.
pub const NS_ECHO_POLICY_REPLY: ns_echo_policy = 1;
/// Be silent. [`ns_request_reply`] works all the same.
pub const NS_ECHO_POLICY_SILENT: ns_echo_policy = 2;
/// The kinds of destination that have a policy. An assigned address always answers.
pub type ns_echo_destination = u32;
/// An address that nobody assigned. Default: silent; IPv6 on a NIC with
/// spoofing: answer.
pub const NS_ECHO_DESTINATION_TEMPORARY: ns_echo_destination = 1;
/// Broadcast and multicast. Default: IPv4 silent, IPv6 answer.
pub const NS_ECHO_DESTINATION_GROUP: ns_echo_destination = 2;
unsafe extern "C" {
    /// Sets what the stack does by itself: turns silence into a reply, or a reply
    /// into silence. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `family`: [`NS_FAMILY_IPV4`], [`NS_FAMILY_IPV6`], or [`NS_FAMILY_ANY`] for both.
    /// - `destination`: What the policy is about.
    /// - `policy`: The policy.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`], [`NS_ERR_CLOSED`] or [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_stack_set_echo_policy(
        stack: *mut ns_stack,
        family: ns_family,
        destination: ns_echo_destination,
        policy: ns_echo_policy,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Sets how many limited ICMP messages the stack sends (RFC 1812 4.3.2.8, RFC 4443
    /// 2.4 f); which are limited, [`ns_stack_set_icmp_limited`] says. \[any thread\]
    ///
    /// A bucket of tokens, by the stack's clock, for all NICs and both families
    /// together: a message takes one, and is not sent if there is none. At first
    /// 1000 per second and a burst of 50. What was not sent is counted as
    /// icmp.v4.sent.rate_limited or icmp.v6.sent.rate_limited.
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `per_second`: How many tokens come in a second, one at a time, with whole
    /// nanoseconds between them, rounded up; 0: none ever;
    /// [`NS_ICMP_RATE_UNLIMITED`]: every message is sent, whatever burst
    /// is.
    /// - `burst`: How many tokens the bucket holds, as it does right after this
    /// call unless per_second is 0. 0: no limited message is sent.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`], [`NS_ERR_CLOSED`] or [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_stack_set_icmp_rate(
        stack: *mut ns_stack,
        per_second: u32,
        burst: u32,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Sets whether messages of a type are limited, so that each takes a token of
    /// [`ns_stack_set_icmp_rate`]. \[any thread\]
    ///
    /// At first ICMP errors are: in IPv4 Destination Unreachable (3), Source Quench
    /// (4), Time Exceeded (11) and Parameter Problem (12), in IPv6 1 to 127 without
    /// Packet Too Big (2), and Echo Replies are not. IPv4's Fragmentation Needed
    /// (type 3, code 4) never is, whatever is set: path MTU discovery needs it.
    ///
    /// Echo Replies that are limited take a token whoever asked for them: for
    /// [`ns_request_reply`] one that is not sent counts as accepted. What sockets send
    /// is never limited.
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `family`: [`NS_FAMILY_IPV4`] or [`NS_FAMILY_IPV6`]: each has types of its own.
    /// - `type`: An error's, in IPv4 3, 4, 5, 11 or 12, in IPv6 1 to 127; or an
    /// Echo Reply's, in IPv4 0, in IPv6 129.
    /// - `limited`: 1: limited; 0: not.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`], [`NS_ERR_CLOSED`] or [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_stack_set_icmp_limited(
        stack: *mut ns_stack,
        family: ns_family,
        type_: u32,
        limited: u32,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
}
/// A way in and out for packets. Made by `ns_link_*_new`, freed by the caller.
#[repr(C)]
#[derive(Debug)]
pub struct ns_link {
    _unused: [u8; 0],
}
/// Called when a channel that was empty has a packet to read.
///
/// On the thread that sent the packet, which may be inside [`ns_link_inject`],
/// [`ns_stack_poll`] or a request's callback. Calls may overlap.
pub type ns_link_notify_fn = ::core::option::Option<
    unsafe extern "C" fn(user_data: *mut ::core::ffi::c_void),
>;
/// Options of [`ns_link_channel_new`]. Start from the INIT macro.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct ns_link_channel_options {
    /// sizeof this struct, as the caller knows it.
    pub struct_size: u32,
    /// Bytes, up to [`NS_MTU_MAX`]; 0: 1500.
    pub mtu: u32,
    /// Packets that wait to be read, at most 65,536; 0: 256.
    pub capacity: u32,
    /// 0.
    pub reserved: u32,
    /// May be NULL.
    pub notify: ns_link_notify_fn,
    /// Passed to notify and destroy.
    pub user_data: *mut ::core::ffi::c_void,
    /// May be NULL. See base.h for its rules.
    pub destroy: ns_destroy_fn,
}
#[cfg(target_pointer_width = "64")]
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of ns_link_channel_options",
    ][::core::mem::size_of::<ns_link_channel_options>() - 40usize];
    [
        "Alignment of ns_link_channel_options",
    ][::core::mem::align_of::<ns_link_channel_options>() - 8usize];
    [
        "Offset of field: ns_link_channel_options::struct_size",
    ][::core::mem::offset_of!(ns_link_channel_options, struct_size) - 0usize];
    [
        "Offset of field: ns_link_channel_options::mtu",
    ][::core::mem::offset_of!(ns_link_channel_options, mtu) - 4usize];
    [
        "Offset of field: ns_link_channel_options::capacity",
    ][::core::mem::offset_of!(ns_link_channel_options, capacity) - 8usize];
    [
        "Offset of field: ns_link_channel_options::reserved",
    ][::core::mem::offset_of!(ns_link_channel_options, reserved) - 12usize];
    [
        "Offset of field: ns_link_channel_options::notify",
    ][::core::mem::offset_of!(ns_link_channel_options, notify) - 16usize];
    [
        "Offset of field: ns_link_channel_options::user_data",
    ][::core::mem::offset_of!(ns_link_channel_options, user_data) - 24usize];
    [
        "Offset of field: ns_link_channel_options::destroy",
    ][::core::mem::offset_of!(ns_link_channel_options, destroy) - 32usize];
};
unsafe extern "C" {
    /// What the INIT macro does, for FFI callers. \[pure\]
    ///
    /// # Parameters
    ///
    /// - `options`: Receives the defaults. NULL does nothing.
    /// - `size`: sizeof *options, as the caller knows it.
    ///
    /// Since 0.1.
    pub fn ns_link_channel_options_init(
        options: *mut ns_link_channel_options,
        size: usize,
    );
    /// Makes a link in memory: what the stack sends waits in a bounded queue for
    /// [`ns_link_read`], what it shall receive comes by [`ns_link_inject`]. \[any thread\]
    ///
    /// A packet that finds the queue full is dropped and counted.
    ///
    /// # Parameters
    ///
    /// - `options`: NULL for the defaults. Borrowed for the call.
    /// - `out_link`: Receives a link that the caller owns, or NULL.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`], [`NS_ERR_UNSUPPORTED`] or [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_link_channel_new(
        options: *const ns_link_channel_options,
        out_link: *mut *mut ns_link,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Takes the oldest packet out of a channel's queue. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `link`: A channel.
    /// - `buffer`: Receives the packet. May be NULL if capacity is 0.
    /// - `capacity`: Bytes in buffer.
    /// - `out_length`: Receives the packet's length, also with [`NS_ERR_TOO_SMALL`];
    /// 0 with every other failure.
    ///
    /// # Returns
    ///
    /// [`NS_OK`]; [`NS_ERR_WOULD_BLOCK`]: none waits; [`NS_ERR_TOO_SMALL`]: the packet
    /// stays where it is; [`NS_ERR_UNSUPPORTED`]: the link is no channel;
    /// [`NS_ERR_INVALID_ARGUMENT`].
    ///
    /// Since 0.1.
    pub fn ns_link_read(
        link: *mut ns_link,
        buffer: *mut u8,
        capacity: usize,
        out_length: *mut usize,
    ) -> ns_status;
}
/// Sends one packet on behalf of the stack.
///
/// On any thread, calls may overlap. The bytes are borrowed for the call.
///
/// # Returns
///
/// [`NS_OK`], or a negative status: the packet is counted as not sent
/// ([`NS_ERR_WOULD_BLOCK`]: for want of room).
pub type ns_link_transmit_fn = ::core::option::Option<
    unsafe extern "C" fn(
        user_data: *mut ::core::ffi::c_void,
        packet: *const u8,
        length: usize,
    ) -> ns_status,
>;
/// Options of [`ns_link_callback_new`]. Start from the INIT macro.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct ns_link_callback_options {
    /// sizeof this struct, as the caller knows it.
    pub struct_size: u32,
    /// Bytes, up to [`NS_MTU_MAX`]; 0: 1500.
    pub mtu: u32,
}
#[cfg(target_pointer_width = "64")]
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of ns_link_callback_options",
    ][::core::mem::size_of::<ns_link_callback_options>() - 8usize];
    [
        "Alignment of ns_link_callback_options",
    ][::core::mem::align_of::<ns_link_callback_options>() - 4usize];
    [
        "Offset of field: ns_link_callback_options::struct_size",
    ][::core::mem::offset_of!(ns_link_callback_options, struct_size) - 0usize];
    [
        "Offset of field: ns_link_callback_options::mtu",
    ][::core::mem::offset_of!(ns_link_callback_options, mtu) - 4usize];
};
unsafe extern "C" {
    /// What the INIT macro does, for FFI callers. \[pure\]
    ///
    /// # Parameters
    ///
    /// - `options`: Receives the defaults. NULL does nothing.
    /// - `size`: sizeof *options, as the caller knows it.
    ///
    /// Since 0.1.
    pub fn ns_link_callback_options_init(
        options: *mut ns_link_callback_options,
        size: usize,
    );
    /// Makes a link out of the embedder's own way to send; what the stack shall
    /// receive comes by [`ns_link_inject`]. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `options`: NULL for the defaults. Borrowed for the call.
    /// - `transmit`: Sends a packet.
    /// - `user_data`: Passed to transmit and destroy.
    /// - `destroy`: May be NULL. See base.h for its rules.
    /// - `out_link`: Receives a link that the caller owns, or NULL.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`], [`NS_ERR_UNSUPPORTED`] or [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_link_callback_new(
        options: *const ns_link_callback_options,
        transmit: ns_link_transmit_fn,
        user_data: *mut ::core::ffi::c_void,
        destroy: ns_destroy_fn,
        out_link: *mut *mut ns_link,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
}
/// What stands before each IP packet on a descriptor.
pub type ns_packet_information = u32;
/// Nothing: Android's VpnService, Linux with IFF_NO_PI.
pub const NS_PACKET_INFORMATION_NONE: ns_packet_information = 0;
/// 2 bytes of flags, 2 bytes of EtherType: a Linux TUN.
pub const NS_PACKET_INFORMATION_LINUX: ns_packet_information = 1;
/// 4 bytes of address family: utun (2 and 30).
pub const NS_PACKET_INFORMATION_UTUN: ns_packet_information = 2;
/// Options of [`ns_link_fd_new`]. Start from the INIT macro.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct ns_link_fd_options {
    /// sizeof this struct, as the caller knows it.
    pub struct_size: u32,
    /// Bytes, up to [`NS_MTU_MAX`]; 0: 1500.
    pub mtu: u32,
    /// What precedes each packet, both ways.
    pub packet_information: ns_packet_information,
}
#[cfg(target_pointer_width = "64")]
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of ns_link_fd_options",
    ][::core::mem::size_of::<ns_link_fd_options>() - 12usize];
    [
        "Alignment of ns_link_fd_options",
    ][::core::mem::align_of::<ns_link_fd_options>() - 4usize];
    [
        "Offset of field: ns_link_fd_options::struct_size",
    ][::core::mem::offset_of!(ns_link_fd_options, struct_size) - 0usize];
    [
        "Offset of field: ns_link_fd_options::mtu",
    ][::core::mem::offset_of!(ns_link_fd_options, mtu) - 4usize];
    [
        "Offset of field: ns_link_fd_options::packet_information",
    ][::core::mem::offset_of!(ns_link_fd_options, packet_information) - 8usize];
};
unsafe extern "C" {
    /// What the INIT macro does, for FFI callers. \[pure\]
    ///
    /// # Parameters
    ///
    /// - `options`: Receives the defaults. NULL does nothing.
    /// - `size`: sizeof *options, as the caller knows it.
    ///
    /// Since 0.1.
    pub fn ns_link_fd_options_init(options: *mut ns_link_fd_options, size: usize);
    /// Makes a link out of an open descriptor that keeps packets apart: a TUN
    /// device, a datagram or sequenced-packet socket. \[any thread\]
    ///
    /// The link works on a duplicate: the caller keeps the descriptor and may close
    /// it. It is made non-blocking, which the caller's shares.
    ///
    /// # Parameters
    ///
    /// - `descriptor`: An open descriptor; a stream socket is refused.
    /// - `options`: NULL for the defaults. Borrowed for the call.
    /// - `out_link`: Receives a link that the caller owns, or NULL.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`], [`NS_ERR_UNSUPPORTED`] or [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_link_fd_new(
        descriptor: ::core::ffi::c_int,
        options: *const ns_link_fd_options,
        out_link: *mut *mut ns_link,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
}
/// Options of [`ns_link_tun_new`]. Start from the INIT macro.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct ns_link_tun_options {
    /// sizeof this struct, as the caller knows it.
    pub struct_size: u32,
    /// Sets the device's MTU, 68 to [`NS_MTU_MAX`]; 0: leaves it.
    pub mtu: u32,
    /// What the host calls itself on this network: given to the device, which
    /// is then brought up. Borrowed for the call. May be NULL.
    pub host_addresses: *const ns_prefix,
    /// Entries in host_addresses.
    pub host_address_count: usize,
}
#[cfg(target_pointer_width = "64")]
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of ns_link_tun_options",
    ][::core::mem::size_of::<ns_link_tun_options>() - 24usize];
    [
        "Alignment of ns_link_tun_options",
    ][::core::mem::align_of::<ns_link_tun_options>() - 8usize];
    [
        "Offset of field: ns_link_tun_options::struct_size",
    ][::core::mem::offset_of!(ns_link_tun_options, struct_size) - 0usize];
    [
        "Offset of field: ns_link_tun_options::mtu",
    ][::core::mem::offset_of!(ns_link_tun_options, mtu) - 4usize];
    [
        "Offset of field: ns_link_tun_options::host_addresses",
    ][::core::mem::offset_of!(ns_link_tun_options, host_addresses) - 8usize];
    [
        "Offset of field: ns_link_tun_options::host_address_count",
    ][::core::mem::offset_of!(ns_link_tun_options, host_address_count) - 16usize];
};
unsafe extern "C" {
    /// What the INIT macro does, for FFI callers. \[pure\]
    ///
    /// # Parameters
    ///
    /// - `options`: Receives the defaults. NULL does nothing.
    /// - `size`: sizeof *options, as the caller knows it.
    ///
    /// Since 0.1.
    pub fn ns_link_tun_options_init(options: *mut ns_link_tun_options, size: usize);
    /// Opens a TUN device by name and makes it if it does not exist. Linux.
    /// \[any thread\]
    ///
    /// Without host addresses the device is left as it is: bring it up and give it
    /// an address with the system's tools. The link's MTU is the device's.
    ///
    /// # Parameters
    ///
    /// - `name`: 1 to 15 characters, such as "tun0"; a "%d" in it becomes the
    /// first free number.
    /// - `options`: NULL for the defaults. Borrowed for the call.
    /// - `out_link`: Receives a link that the caller owns, or NULL.
    /// - `out_error`: NULL, or receives an error that the caller owns and that
    /// says what to do: run with CAP_NET_ADMIN, load a module, ...
    ///
    /// # Returns
    ///
    /// [`NS_OK`]; [`NS_ERR_INVALID_ARGUMENT`]: a bad name or option, or the device is
    /// of another kind; [`NS_ERR_BUSY`]: somebody else has the device open;
    /// [`NS_ERR_NOT_FOUND`]: the system has no TUN; [`NS_ERR_UNSUPPORTED`]: not
    /// allowed, or not Linux; [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_link_tun_new(
        name: *const ::core::ffi::c_char,
        options: *const ns_link_tun_options,
        out_link: *mut *mut ns_link,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// The name of the device behind a link. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `link`: A TUN link.
    /// - `buffer`: Receives text that ends in 0. May be NULL if capacity is 0.
    /// - `capacity`: Bytes in buffer; 16 are always enough.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_TOO_SMALL`], [`NS_ERR_UNSUPPORTED`] (no device),
    /// [`NS_ERR_INVALID_ARGUMENT`].
    ///
    /// Since 0.1.
    pub fn ns_link_get_device(
        link: *const ns_link,
        buffer: *mut ::core::ffi::c_char,
        capacity: usize,
    ) -> ns_status;
    /// The link's MTU in bytes; 0 for NULL. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `link`: May be NULL.
    ///
    /// # Returns
    ///
    /// Bytes.
    ///
    /// Since 0.1.
    pub fn ns_link_get_mtu(link: *const ns_link) -> u32;
    /// Gives the stack a packet as if it had come in on this link. \[any thread\]
    ///
    /// Handlers run, and answers are sent, before it returns. From inside a callback
    /// the packet is handled at once, nested up to 8 deep.
    ///
    /// On a NIC with [`NS_NIC_SIDE_BY_SIDE`] it tells whether somebody here took the
    /// packet: the stack or a handler answered it, a handler consumed it, or a ping
    /// socket has it (a raw socket's copy does not count). Any other (another
    /// protocol, an address that is not ours, an ICMP message that nobody wants, a
    /// packet that is malformed) comes back untouched and unanswered, to be given to
    /// the other stack.
    ///
    /// A fragment of an ICMP message is taken, and held until the others come, where
    /// somebody here could take an echo to that address: a handler or ping sockets of
    /// that family are there, or the stack itself would answer. Only the whole tells
    /// what the message is: if nobody wants it then, its last fragment comes back and
    /// the others are gone. Any other fragment comes back at once.
    ///
    /// # Parameters
    ///
    /// - `link`: A link of any kind.
    /// - `packet`: One IP packet. Borrowed for the call. May be NULL if length is 0.
    /// - `length`: Bytes in packet.
    ///
    /// # Returns
    ///
    /// [`NS_OK`]: dealt with, be it by dropping and counting it;
    /// [`NS_UNCLAIMED`]: side by side, and nothing here takes it;
    /// [`NS_ERR_CLOSED`]: no NIC has this link; [`NS_ERR_BUSY`]: nested too deep;
    /// [`NS_ERR_INVALID_ARGUMENT`]; [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_link_inject(
        link: *mut ns_link,
        packet: *const u8,
        length: usize,
    ) -> ns_status;
    /// Gives the caller's reference back. \[any thread\]
    ///
    /// The link lives on as long as a NIC has it.
    ///
    /// # Parameters
    ///
    /// - `link`: May be NULL.
    ///
    /// Since 0.1.
    pub fn ns_link_free(link: *mut ns_link);
}
/// Takes no packets.
pub const NS_NIC_DISABLED: u32 = 1;
/// Takes packets for every unicast address.
pub const NS_NIC_PROMISCUOUS: u32 = 2;
/// IPv6: the stack answers by itself from addresses that nobody assigned.
pub const NS_NIC_SPOOFING: u32 = 4;
/// Another stack stands behind this one: [`ns_link_inject`] returns [`NS_UNCLAIMED`]
/// for every packet that nothing here takes.
pub const NS_NIC_SIDE_BY_SIDE: u32 = 8;
/// Sends IPv4 packets that come in and are not ours on, by the routes of the stack.
pub const NS_NIC_FORWARDING_IPV4: u32 = 16;
/// The same for IPv6.
pub const NS_NIC_FORWARDING_IPV6: u32 = 32;
/// Options of [`ns_stack_add_nic`]. Start from the INIT macro.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct ns_nic_options {
    /// sizeof this struct, as the caller knows it.
    pub struct_size: u32,
    /// `NS_NIC_` bits.
    pub flags: u32,
    /// Assigned from the start. May be NULL.
    pub addresses: *const ns_prefix,
    /// Entries in addresses.
    pub address_count: usize,
    /// Local from the start. May be NULL.
    pub local_prefixes: *const ns_prefix,
    /// Entries in local_prefixes.
    pub local_prefix_count: usize,
}
#[cfg(target_pointer_width = "64")]
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of ns_nic_options"][::core::mem::size_of::<ns_nic_options>() - 40usize];
    ["Alignment of ns_nic_options"][::core::mem::align_of::<ns_nic_options>() - 8usize];
    [
        "Offset of field: ns_nic_options::struct_size",
    ][::core::mem::offset_of!(ns_nic_options, struct_size) - 0usize];
    [
        "Offset of field: ns_nic_options::flags",
    ][::core::mem::offset_of!(ns_nic_options, flags) - 4usize];
    [
        "Offset of field: ns_nic_options::addresses",
    ][::core::mem::offset_of!(ns_nic_options, addresses) - 8usize];
    [
        "Offset of field: ns_nic_options::address_count",
    ][::core::mem::offset_of!(ns_nic_options, address_count) - 16usize];
    [
        "Offset of field: ns_nic_options::local_prefixes",
    ][::core::mem::offset_of!(ns_nic_options, local_prefixes) - 24usize];
    [
        "Offset of field: ns_nic_options::local_prefix_count",
    ][::core::mem::offset_of!(ns_nic_options, local_prefix_count) - 32usize];
};
unsafe extern "C" {
    /// What the INIT macro does, for FFI callers. \[pure\]
    ///
    /// # Parameters
    ///
    /// - `options`: Receives the defaults. NULL does nothing.
    /// - `size`: sizeof *options, as the caller knows it.
    ///
    /// Since 0.1.
    pub fn ns_nic_options_init(options: *mut ns_nic_options, size: usize);
    /// Adds a NIC. It is a member of 224.0.0.1 and ff02::1. \[any thread\]
    ///
    /// With [`NS_NIC_FORWARDING_IPV4`] or [`NS_NIC_FORWARDING_IPV6`] what comes in on it in
    /// that family, to a unicast address that is not ours, goes on: by the longest
    /// route, over any NIC that is not disabled, with or without an address, be it
    /// the same one. With [`NS_NIC_PROMISCUOUS`] every address is ours, so nothing does.
    /// TTL or Hop Limit goes down by one, no handler sees the packet, and what was not
    /// forwarded is answered with an ICMP error, if the NIC has an address to send it
    /// from. Addresses of the stack's other NICs are then reached through this one. It
    /// joins 224.0.0.2, or ff01::2, ff02::2 and ff05::2. The counters under
    /// nic.ID.ip.v4.forwarding and nic.ID.ip.v6.forwarding tell what became of the
    /// packets. With [`NS_NIC_SIDE_BY_SIDE`] no error is sent: what was not forwarded goes
    /// back to who injected it.
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `nic`: The NIC's id, from 1; not in use.
    /// - `link`: The link, which the stack shares from here on; in no other NIC.
    /// - `options`: NULL for the defaults. Borrowed for the call.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`]; [`NS_ERR_INVALID_ARGUMENT`]: id 0, or an address or prefix that is
    /// none; [`NS_ERR_BUSY`]: id, link or address in use; [`NS_ERR_UNSUPPORTED`]:
    /// unknown option; [`NS_ERR_CLOSED`]; [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_stack_add_nic(
        stack: *mut ns_stack,
        nic: u32,
        link: *mut ns_link,
        options: *const ns_nic_options,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Removes a NIC with its addresses and routes, and lets its link go.
    /// \[any thread\]
    ///
    /// Running callbacks finish; what they answer is still sent.
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `nic`: The NIC's id.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_NOT_FOUND`], [`NS_ERR_CLOSED`], [`NS_ERR_INVALID_ARGUMENT`] or
    /// [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_stack_remove_nic(
        stack: *mut ns_stack,
        nic: u32,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Sets and clears what a NIC is. \[any thread\]
    ///
    /// A NIC that no longer forwards leaves the groups that it was in as a router;
    /// what [`ns_stack_join_group`] joined it stays in.
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `nic`: The NIC's id.
    /// - `set`: `NS_NIC_` bits to set.
    /// - `clear`: `NS_NIC_` bits to clear; none of those in set.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`], [`NS_ERR_UNSUPPORTED`] (unknown bit),
    /// [`NS_ERR_NOT_FOUND`], [`NS_ERR_CLOSED`] or [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_stack_set_nic_flags(
        stack: *mut ns_stack,
        nic: u32,
        set: u32,
        clear: u32,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Starts, changes or ends the capture of what passes a NIC. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `nic`: The NIC's id.
    /// - `capture`: The capture, which the stack shares from here on; NULL: none.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`], [`NS_ERR_NOT_FOUND`], [`NS_ERR_CLOSED`] or
    /// [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_stack_set_capture(
        stack: *mut ns_stack,
        nic: u32,
        capture: *mut ns_capture,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Assigns an address, as text, with the prefix of its subnet. \[any thread\]
    ///
    /// "192.168.0.1/24" brings the subnet's broadcast address and on-link route with
    /// it, "2001:db8::1/64" its solicited-node group and route; an address alone is
    /// a subnet of its own.
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `nic`: The NIC's id.
    /// - `address`: Text that ends in 0.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`]; [`NS_ERR_INVALID_ARGUMENT`]: no unicast address; [`NS_ERR_BUSY`]:
    /// assigned on this NIC already; [`NS_ERR_NOT_FOUND`]: no such NIC;
    /// [`NS_ERR_CLOSED`]; [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_stack_add_address(
        stack: *mut ns_stack,
        nic: u32,
        address: *const ::core::ffi::c_char,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Assigns many addresses, all or none. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `nic`: The NIC's id.
    /// - `addresses`: An array; may be NULL if count is 0. Borrowed for the call.
    /// - `count`: How many.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// As [`ns_stack_add_address`].
    ///
    /// Since 0.1.
    pub fn ns_stack_add_addresses(
        stack: *mut ns_stack,
        nic: u32,
        addresses: *const ns_prefix,
        count: usize,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Takes an address away, as text without its prefix length, and what came with
    /// it. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `nic`: The NIC's id.
    /// - `address`: Text that ends in 0.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`], [`NS_ERR_NOT_FOUND`] (no such NIC, or not
    /// assigned on it), [`NS_ERR_CLOSED`] or [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_stack_remove_address(
        stack: *mut ns_stack,
        nic: u32,
        address: *const ::core::ffi::c_char,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Takes many addresses away, all or none. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `nic`: The NIC's id.
    /// - `addresses`: An array; may be NULL if count is 0. Borrowed for the call.
    /// - `count`: How many.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// As [`ns_stack_remove_address`].
    ///
    /// Since 0.1.
    pub fn ns_stack_remove_addresses(
        stack: *mut ns_stack,
        nic: u32,
        addresses: *const ns_address,
        count: usize,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Makes every unicast address of a prefix ours, as text. \[any thread\]
    ///
    /// No address of it is assigned or stored: packets for them are taken as for a
    /// temporary address, at the same cost however large the prefix. An address that
    /// is assigned, or a subnet's broadcast address, stays what it is.
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `nic`: The NIC's id.
    /// - `prefix`: "10.7.0.0/16"; no bits set behind the length, not multicast.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`], [`NS_ERR_BUSY`] (local already),
    /// [`NS_ERR_NOT_FOUND`] (no such NIC), [`NS_ERR_CLOSED`] or [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_stack_add_local_prefix(
        stack: *mut ns_stack,
        nic: u32,
        prefix: *const ::core::ffi::c_char,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Makes many prefixes local, all or none. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `nic`: The NIC's id.
    /// - `prefixes`: An array; may be NULL if count is 0. Borrowed for the call.
    /// - `count`: How many.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// As [`ns_stack_add_local_prefix`].
    ///
    /// Since 0.1.
    pub fn ns_stack_add_local_prefixes(
        stack: *mut ns_stack,
        nic: u32,
        prefixes: *const ns_prefix,
        count: usize,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Takes a local prefix away, as text, written as it was added. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `nic`: The NIC's id.
    /// - `prefix`: Text that ends in 0.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`], [`NS_ERR_NOT_FOUND`] (no such NIC, or not
    /// local on it), [`NS_ERR_CLOSED`] or [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_stack_remove_local_prefix(
        stack: *mut ns_stack,
        nic: u32,
        prefix: *const ::core::ffi::c_char,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Takes many local prefixes away, all or none. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `nic`: The NIC's id.
    /// - `prefixes`: An array; may be NULL if count is 0. Borrowed for the call.
    /// - `count`: How many.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// As [`ns_stack_remove_local_prefix`].
    ///
    /// Since 0.1.
    pub fn ns_stack_remove_local_prefixes(
        stack: *mut ns_stack,
        nic: u32,
        prefixes: *const ns_prefix,
        count: usize,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Joins a multicast group, as text: packets to it are taken. \[any thread\]
    ///
    /// Nothing is announced to routers.
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `nic`: The NIC's id.
    /// - `group`: "239.1.2.3" or "ff05::77".
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`]; [`NS_ERR_INVALID_ARGUMENT`]: no multicast address; [`NS_ERR_BUSY`]:
    /// joined already; [`NS_ERR_NOT_FOUND`]: no such NIC; [`NS_ERR_CLOSED`];
    /// [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_stack_join_group(
        stack: *mut ns_stack,
        nic: u32,
        group: *const ::core::ffi::c_char,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Leaves a group that was joined. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `nic`: The NIC's id.
    /// - `group`: As it was joined.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`], [`NS_ERR_NOT_FOUND`] (no such NIC, or not
    /// joined), [`NS_ERR_CLOSED`] or [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_stack_leave_group(
        stack: *mut ns_stack,
        nic: u32,
        group: *const ::core::ffi::c_char,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
}
/// Options of [`ns_ping`]. Start from the INIT macro.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct ns_ping_options {
    /// sizeof this struct, as the caller knows it.
    pub struct_size: u32,
    /// Over this NIC alone; 0: by the routes. A group needs one, or a scope.
    pub nic: u32,
    /// TTL or Hop Limit, 1 to 255; 0: the stack's.
    pub ttl: u32,
    /// TOS or Traffic Class, 0 to 255.
    pub tos: u32,
    /// How long to wait, by the stack's clock; 0: one second.
    pub timeout_ns: u64,
    /// Echo sequence number, 0 to 65,535.
    pub sequence: u32,
    /// 0.
    pub reserved: u32,
    /// An assigned address; all bytes 0: chosen.
    pub source: ns_address,
    /// Echo data. Borrowed for the call. May be NULL.
    pub payload: *const u8,
    /// Bytes in payload.
    pub payload_length: usize,
}
#[cfg(target_pointer_width = "64")]
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of ns_ping_options"][::core::mem::size_of::<ns_ping_options>() - 72usize];
    [
        "Alignment of ns_ping_options",
    ][::core::mem::align_of::<ns_ping_options>() - 8usize];
    [
        "Offset of field: ns_ping_options::struct_size",
    ][::core::mem::offset_of!(ns_ping_options, struct_size) - 0usize];
    [
        "Offset of field: ns_ping_options::nic",
    ][::core::mem::offset_of!(ns_ping_options, nic) - 4usize];
    [
        "Offset of field: ns_ping_options::ttl",
    ][::core::mem::offset_of!(ns_ping_options, ttl) - 8usize];
    [
        "Offset of field: ns_ping_options::tos",
    ][::core::mem::offset_of!(ns_ping_options, tos) - 12usize];
    [
        "Offset of field: ns_ping_options::timeout_ns",
    ][::core::mem::offset_of!(ns_ping_options, timeout_ns) - 16usize];
    [
        "Offset of field: ns_ping_options::sequence",
    ][::core::mem::offset_of!(ns_ping_options, sequence) - 24usize];
    [
        "Offset of field: ns_ping_options::reserved",
    ][::core::mem::offset_of!(ns_ping_options, reserved) - 28usize];
    [
        "Offset of field: ns_ping_options::source",
    ][::core::mem::offset_of!(ns_ping_options, source) - 32usize];
    [
        "Offset of field: ns_ping_options::payload",
    ][::core::mem::offset_of!(ns_ping_options, payload) - 56usize];
    [
        "Offset of field: ns_ping_options::payload_length",
    ][::core::mem::offset_of!(ns_ping_options, payload_length) - 64usize];
};
unsafe extern "C" {
    /// What the INIT macro does, for FFI callers. \[pure\]
    ///
    /// # Parameters
    ///
    /// - `options`: Receives the defaults. NULL does nothing.
    /// - `size`: sizeof *options, as the caller knows it.
    ///
    /// Since 0.1.
    pub fn ns_ping_options_init(options: *mut ns_ping_options, size: usize);
    /// Sends one Echo Request and waits for its reply. \[any thread\]
    ///
    /// Meanwhile it reads devices and runs timers as [`ns_stack_poll`] does; another
    /// thread may be running the stack at the same time. Inside the callback of a
    /// packet that a device brought, that device is read again only when the callback
    /// has returned: a reply by the same device can't come in time.
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `destination`: Whom to ask.
    /// - `options`: NULL for the defaults. Borrowed for the call.
    /// - `out_rtt_ns`: NULL, or receives the round trip time in nanoseconds, by the
    /// stack's clock; 0 on failure.
    /// - `out_reply`: NULL, or receives the reply, which the caller owns, or NULL.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`]; [`NS_ERR_TIMED_OUT`]: no reply in time; [`NS_ERR_NO_ROUTE`];
    /// [`NS_ERR_WOULD_BLOCK`]: the link was full; [`NS_ERR_UNSUPPORTED`]: the clock
    /// can't wait, the packet is longer than IP packets can be, or an unknown
    /// option; [`NS_ERR_NOT_FOUND`]: nobody assigned the source; [`NS_ERR_CLOSED`]:
    /// the stack was freed or stopped, or a device is gone; [`NS_ERR_LIMITED`]: no
    /// identifier or descriptor is free; [`NS_ERR_INVALID_ARGUMENT`];
    /// [`NS_ERR_NO_MEMORY`]; or what the link or the clock's wait function said.
    ///
    /// Since 0.1.
    pub fn ns_ping(
        stack: *mut ns_stack,
        destination: *const ns_address,
        options: *const ns_ping_options,
        out_rtt_ns: *mut u64,
        out_reply: *mut *mut ns_packet,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
}
/// A ping socket. Made by [`ns_ping_socket_new`], freed by the caller.
#[repr(C)]
#[derive(Debug)]
pub struct ns_ping_socket {
    _unused: [u8; 0],
}
/// Called when a socket whose queue was empty has a packet to receive.
///
/// On the thread that delivered the packet; calls may overlap. The stack's
/// descriptor becomes readable as well, for whoever drives the stack by it.
pub type ns_socket_notify_fn = ::core::option::Option<
    unsafe extern "C" fn(user_data: *mut ::core::ffi::c_void),
>;
/// Options of [`ns_ping_socket_new`]. Start from the INIT macro.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct ns_ping_socket_options {
    /// sizeof this struct, as the caller knows it.
    pub struct_size: u32,
    /// Sends and receives over this NIC alone; 0: any.
    pub nic: u32,
    /// TTL or Hop Limit of what it sends, 1 to 255; 0: the stack's.
    pub ttl: u32,
    /// TOS or Traffic Class of what it sends, 0 to 255.
    pub tos: u32,
    /// What its queue may hold, in bytes; 0: 217,088.
    pub receive_bytes: u64,
    /// May be NULL.
    pub notify: ns_socket_notify_fn,
    /// Passed to notify and destroy.
    pub user_data: *mut ::core::ffi::c_void,
    /// May be NULL. See base.h for its rules.
    pub destroy: ns_destroy_fn,
}
#[cfg(target_pointer_width = "64")]
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of ns_ping_socket_options",
    ][::core::mem::size_of::<ns_ping_socket_options>() - 48usize];
    [
        "Alignment of ns_ping_socket_options",
    ][::core::mem::align_of::<ns_ping_socket_options>() - 8usize];
    [
        "Offset of field: ns_ping_socket_options::struct_size",
    ][::core::mem::offset_of!(ns_ping_socket_options, struct_size) - 0usize];
    [
        "Offset of field: ns_ping_socket_options::nic",
    ][::core::mem::offset_of!(ns_ping_socket_options, nic) - 4usize];
    [
        "Offset of field: ns_ping_socket_options::ttl",
    ][::core::mem::offset_of!(ns_ping_socket_options, ttl) - 8usize];
    [
        "Offset of field: ns_ping_socket_options::tos",
    ][::core::mem::offset_of!(ns_ping_socket_options, tos) - 12usize];
    [
        "Offset of field: ns_ping_socket_options::receive_bytes",
    ][::core::mem::offset_of!(ns_ping_socket_options, receive_bytes) - 16usize];
    [
        "Offset of field: ns_ping_socket_options::notify",
    ][::core::mem::offset_of!(ns_ping_socket_options, notify) - 24usize];
    [
        "Offset of field: ns_ping_socket_options::user_data",
    ][::core::mem::offset_of!(ns_ping_socket_options, user_data) - 32usize];
    [
        "Offset of field: ns_ping_socket_options::destroy",
    ][::core::mem::offset_of!(ns_ping_socket_options, destroy) - 40usize];
};
unsafe extern "C" {
    /// What the INIT macro does, for FFI callers. \[pure\]
    ///
    /// # Parameters
    ///
    /// - `options`: Receives the defaults. NULL does nothing.
    /// - `size`: sizeof *options, as the caller knows it.
    ///
    /// Since 0.1.
    pub fn ns_ping_socket_options_init(
        options: *mut ns_ping_socket_options,
        size: usize,
    );
    /// Makes a ping socket, which is not bound yet. \[any thread\]
    ///
    /// It does not keep the stack: after [`ns_stack_free`] every function that takes it
    /// returns [`NS_ERR_CLOSED`].
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `family`: [`NS_FAMILY_IPV4`] or [`NS_FAMILY_IPV6`].
    /// - `options`: NULL for the defaults. Borrowed for the call.
    /// - `out_socket`: Receives a socket that the caller owns, or NULL.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`], [`NS_ERR_UNSUPPORTED`] (unknown option),
    /// [`NS_ERR_CLOSED`] or [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_ping_socket_new(
        stack: *mut ns_stack,
        family: ns_family,
        options: *const ns_ping_socket_options,
        out_socket: *mut *mut ns_ping_socket,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Gives a socket its identifier, and the address that it is at. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `socket`: A socket that is not bound.
    /// - `address`: An address that is assigned. NULL, 0.0.0.0 or :: is every one.
    /// - `identifier`: The Echo identifier; 0: a free one.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`]; [`NS_ERR_INVALID_ARGUMENT`]: an address of another family, or no
    /// unicast address; [`NS_ERR_NOT_FOUND`]: nobody assigned the address;
    /// [`NS_ERR_BUSY`]: another socket has the identifier there, or the socket is
    /// bound already; [`NS_ERR_LIMITED`]: no identifier is free; [`NS_ERR_CLOSED`];
    /// [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_ping_socket_bind(
        socket: *mut ns_ping_socket,
        address: *const ns_address,
        identifier: u16,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Makes a host the socket's peer: it receives from nobody else, at the address
    /// of ours that packets to the peer come from. \[any thread\]
    ///
    /// Binds the socket to a free identifier if it is not bound. May be called again.
    ///
    /// # Parameters
    ///
    /// - `socket`: The socket.
    /// - `peer`: One host's address.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`]; [`NS_ERR_INVALID_ARGUMENT`]: another family, or not one host;
    /// [`NS_ERR_NO_ROUTE`]: no way to it from the socket's address; [`NS_ERR_BUSY`],
    /// [`NS_ERR_LIMITED`]: as [`ns_ping_socket_bind`]; [`NS_ERR_CLOSED`];
    /// [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_ping_socket_connect(
        socket: *mut ns_ping_socket,
        peer: *const ns_address,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Sends an Echo Request with the socket's identifier. \[any thread\]
    ///
    /// Binds the socket to a free identifier if it is not bound.
    ///
    /// # Parameters
    ///
    /// - `socket`: The socket.
    /// - `destination`: NULL: the peer. A group is allowed, a broadcast address not.
    /// A group or link-local address needs a NIC to leave by: the
    /// socket's, its scope's, or that of the socket's address.
    /// - `sequence`: The Echo sequence number.
    /// - `payload`: The Echo data. Borrowed for the call. May be NULL if length is 0.
    /// - `length`: Bytes in payload.
    ///
    /// # Returns
    ///
    /// [`NS_OK`]: the link took it; [`NS_ERR_WOULD_BLOCK`]: the link is full;
    /// [`NS_ERR_NO_ROUTE`]: no way there; [`NS_ERR_UNSUPPORTED`]: longer than IP
    /// packets can be; [`NS_ERR_INVALID_ARGUMENT`]; [`NS_ERR_LIMITED`]: no identifier is
    /// free; [`NS_ERR_CLOSED`]; [`NS_ERR_NO_MEMORY`]; or what the link said.
    ///
    /// Since 0.1.
    pub fn ns_ping_socket_send(
        socket: *mut ns_ping_socket,
        destination: *const ns_address,
        sequence: u16,
        payload: *const u8,
        length: usize,
    ) -> ns_status;
    /// Takes the oldest Echo Reply out of the socket's queue. \[any thread\]
    ///
    /// Its [`ns_packet_info`] tells the sender, TTL, TOS and sequence number; its bytes
    /// from payload_offset on are the data. A reply that finds the queue full is
    /// dropped and counted (`ping_sockets.queue_full`).
    ///
    /// # Parameters
    ///
    /// - `socket`: The socket.
    /// - `out_packet`: Receives a packet that the caller owns, or NULL.
    ///
    /// # Returns
    ///
    /// [`NS_OK`]; [`NS_ERR_WOULD_BLOCK`]: none waits; [`NS_ERR_INVALID_ARGUMENT`];
    /// [`NS_ERR_CLOSED`].
    ///
    /// Since 0.1.
    pub fn ns_ping_socket_receive(
        socket: *mut ns_ping_socket,
        out_packet: *mut *mut ns_packet,
    ) -> ns_status;
    /// Where a socket is bound. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `socket`: The socket.
    /// - `out_address`: NULL, or receives its address; 0.0.0.0 or ::, if it is at
    /// every one.
    /// - `out_identifier`: NULL, or receives its identifier.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_NOT_FOUND`] (it is not bound), [`NS_ERR_INVALID_ARGUMENT`] or
    /// [`NS_ERR_CLOSED`].
    ///
    /// Since 0.1.
    pub fn ns_ping_socket_get_name(
        socket: *const ns_ping_socket,
        out_address: *mut ns_address,
        out_identifier: *mut u16,
    ) -> ns_status;
    /// Ends a socket: its identifier is free, and what it did not receive is lost.
    /// \[any thread\]
    ///
    /// Never waits: a notify that runs on another thread finishes, and then destroy
    /// runs.
    ///
    /// # Parameters
    ///
    /// - `socket`: May be NULL.
    ///
    /// Since 0.1.
    pub fn ns_ping_socket_free(socket: *mut ns_ping_socket);
}
/// A raw ICMP socket. Made by [`ns_raw_socket_new`], freed by the caller.
#[repr(C)]
#[derive(Debug)]
pub struct ns_raw_socket {
    _unused: [u8; 0],
}
/// Options of [`ns_raw_socket_new`]. Start from the INIT macro.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct ns_raw_socket_options {
    /// sizeof this struct, as the caller knows it.
    pub struct_size: u32,
    /// Copies what comes in on this NIC alone; 0: on any.
    pub nic: u32,
    /// What its queue may hold, in bytes; 0: 217,088.
    pub receive_bytes: u64,
    /// May be NULL.
    pub notify: ns_socket_notify_fn,
    /// Passed to notify and destroy.
    pub user_data: *mut ::core::ffi::c_void,
    /// May be NULL. See base.h for its rules.
    pub destroy: ns_destroy_fn,
}
#[cfg(target_pointer_width = "64")]
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of ns_raw_socket_options",
    ][::core::mem::size_of::<ns_raw_socket_options>() - 40usize];
    [
        "Alignment of ns_raw_socket_options",
    ][::core::mem::align_of::<ns_raw_socket_options>() - 8usize];
    [
        "Offset of field: ns_raw_socket_options::struct_size",
    ][::core::mem::offset_of!(ns_raw_socket_options, struct_size) - 0usize];
    [
        "Offset of field: ns_raw_socket_options::nic",
    ][::core::mem::offset_of!(ns_raw_socket_options, nic) - 4usize];
    [
        "Offset of field: ns_raw_socket_options::receive_bytes",
    ][::core::mem::offset_of!(ns_raw_socket_options, receive_bytes) - 8usize];
    [
        "Offset of field: ns_raw_socket_options::notify",
    ][::core::mem::offset_of!(ns_raw_socket_options, notify) - 16usize];
    [
        "Offset of field: ns_raw_socket_options::user_data",
    ][::core::mem::offset_of!(ns_raw_socket_options, user_data) - 24usize];
    [
        "Offset of field: ns_raw_socket_options::destroy",
    ][::core::mem::offset_of!(ns_raw_socket_options, destroy) - 32usize];
};
unsafe extern "C" {
    /// What the INIT macro does, for FFI callers. \[pure\]
    ///
    /// # Parameters
    ///
    /// - `options`: Receives the defaults. NULL does nothing.
    /// - `size`: sizeof *options, as the caller knows it.
    ///
    /// Since 0.1.
    pub fn ns_raw_socket_options_init(options: *mut ns_raw_socket_options, size: usize);
    /// Makes a raw socket, which receives from now on. \[any thread\]
    ///
    /// It does not keep the stack: after [`ns_stack_free`] it is [`NS_ERR_CLOSED`].
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `family`: [`NS_FAMILY_IPV4`] (ICMP) or [`NS_FAMILY_IPV6`] (ICMPv6).
    /// - `options`: NULL for the defaults. Borrowed for the call.
    /// - `out_socket`: Receives a socket that the caller owns, or NULL.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`], [`NS_ERR_UNSUPPORTED`] (unknown option),
    /// [`NS_ERR_CLOSED`] or [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_raw_socket_new(
        stack: *mut ns_stack,
        family: ns_family,
        options: *const ns_raw_socket_options,
        out_socket: *mut *mut ns_raw_socket,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Takes the oldest packet out of the socket's queue. \[any thread\]
    ///
    /// [`NS_PACKET_BAD_CHECKSUM`] marks one whose ICMP checksum is wrong. A packet that
    /// finds the queue full is dropped and counted (`raw_sockets.queue_full`).
    ///
    /// # Parameters
    ///
    /// - `socket`: The socket.
    /// - `out_packet`: Receives a packet that the caller owns, or NULL.
    ///
    /// # Returns
    ///
    /// [`NS_OK`]; [`NS_ERR_WOULD_BLOCK`]: none waits; [`NS_ERR_INVALID_ARGUMENT`];
    /// [`NS_ERR_CLOSED`].
    ///
    /// Since 0.1.
    pub fn ns_raw_socket_receive(
        socket: *mut ns_raw_socket,
        out_packet: *mut *mut ns_packet,
    ) -> ns_status;
    /// Ends a socket; what it did not receive is lost. \[any thread\]
    ///
    /// Never waits: a notify that runs on another thread finishes, and then destroy
    /// runs.
    ///
    /// # Parameters
    ///
    /// - `socket`: May be NULL.
    ///
    /// Since 0.1.
    pub fn ns_raw_socket_free(socket: *mut ns_raw_socket);
}
/// One way to a network.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct ns_route {
    /// The network; no bits set behind the length.
    pub destination: ns_prefix,
    /// The next hop; all bytes 0: destinations are on the link.
    pub gateway: ns_address,
    /// The NIC to leave by.
    pub nic: u32,
}
#[cfg(target_pointer_width = "64")]
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of ns_route"][::core::mem::size_of::<ns_route>() - 56usize];
    ["Alignment of ns_route"][::core::mem::align_of::<ns_route>() - 4usize];
    [
        "Offset of field: ns_route::destination",
    ][::core::mem::offset_of!(ns_route, destination) - 0usize];
    [
        "Offset of field: ns_route::gateway",
    ][::core::mem::offset_of!(ns_route, gateway) - 28usize];
    ["Offset of field: ns_route::nic"][::core::mem::offset_of!(ns_route, nic) - 52usize];
};
unsafe extern "C" {
    /// Adds a route, as text. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `destination`: "0.0.0.0/0"; no bits set behind the length.
    /// - `gateway`: An address of the same family; NULL: on the link.
    /// - `nic`: The NIC's id.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`]; [`NS_ERR_INVALID_ARGUMENT`]; [`NS_ERR_NOT_FOUND`]: no such NIC;
    /// [`NS_ERR_BUSY`]: added already; [`NS_ERR_CLOSED`]; [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_stack_add_route(
        stack: *mut ns_stack,
        destination: *const ::core::ffi::c_char,
        gateway: *const ::core::ffi::c_char,
        nic: u32,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Adds many routes, all or none. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `routes`: An array; may be NULL if count is 0. Borrowed for the call.
    /// - `count`: How many.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// As [`ns_stack_add_route`].
    ///
    /// Since 0.1.
    pub fn ns_stack_add_routes(
        stack: *mut ns_stack,
        routes: *const ns_route,
        count: usize,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Removes a route that was added, as text. \[any thread\]
    ///
    /// The on-link route of an assigned address goes only with the address.
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `destination`: As it was added.
    /// - `gateway`: As it was added.
    /// - `nic`: As it was added.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`], [`NS_ERR_NOT_FOUND`], [`NS_ERR_CLOSED`] or
    /// [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_stack_remove_route(
        stack: *mut ns_stack,
        destination: *const ::core::ffi::c_char,
        gateway: *const ::core::ffi::c_char,
        nic: u32,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
    /// Removes many routes, all or none. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `routes`: An array; may be NULL if count is 0. Borrowed for the call.
    /// - `count`: How many.
    /// - `out_error`: NULL, or receives an error that the caller owns.
    ///
    /// # Returns
    ///
    /// As [`ns_stack_remove_route`].
    ///
    /// Since 0.1.
    pub fn ns_stack_remove_routes(
        stack: *mut ns_stack,
        routes: *const ns_route,
        count: usize,
        out_error: *mut *mut ns_error,
    ) -> ns_status;
}
/// Called for one counter. The name is borrowed for the call.
///
/// # Returns
///
/// 0 to go on, anything else to end the walk.
pub type ns_counter_fn = ::core::option::Option<
    unsafe extern "C" fn(
        user_data: *mut ::core::ffi::c_void,
        name: *const ::core::ffi::c_char,
        value: u64,
    ) -> i32,
>;
unsafe extern "C" {
    /// Calls `visit` for every counter, always in the same order. \[any thread\]
    ///
    /// Counts go on meanwhile: two that belong together may be read a packet apart.
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `visit`: Called for each; no other time.
    /// - `user_data`: Passed to visit. Stays the caller's.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_INVALID_ARGUMENT`], [`NS_ERR_CLOSED`] or [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_stack_for_each_counter(
        stack: *mut ns_stack,
        visit: ns_counter_fn,
        user_data: *mut ::core::ffi::c_void,
    ) -> ns_status;
    /// Reads one counter. \[any thread\]
    ///
    /// # Parameters
    ///
    /// - `stack`: The stack.
    /// - `name`: Text that ends in 0.
    /// - `out_value`: Receives the count; untouched on failure.
    ///
    /// # Returns
    ///
    /// [`NS_OK`], [`NS_ERR_NOT_FOUND`], [`NS_ERR_INVALID_ARGUMENT`], [`NS_ERR_CLOSED`] or
    /// [`NS_ERR_NO_MEMORY`].
    ///
    /// Since 0.1.
    pub fn ns_stack_get_counter(
        stack: *mut ns_stack,
        name: *const ::core::ffi::c_char,
        out_value: *mut u64,
    ) -> ns_status;
    /// The ABI of the library that runs: major \<\< 16 | minor. \[pure\]
    ///
    /// Before 1.0 a program needs exactly the value it was compiled with; from 1.0
    /// on the same major and at least the same minor.
    ///
    /// # Returns
    ///
    /// The ABI; compare with [`NS_ABI_VERSION`].
    ///
    /// Since 0.1.
    pub fn ns_abi_version() -> u32;
    /// The version of the library that runs, as "MAJOR.MINOR.PATCH". \[pure\]
    ///
    /// # Returns
    ///
    /// A string of the library, never NULL, valid for ever.
    ///
    /// Since 0.1.
    pub fn ns_version_string() -> *const ::core::ffi::c_char;
}
