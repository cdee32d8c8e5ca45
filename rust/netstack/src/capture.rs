//! Captures: what passes a NIC, for Wireshark and tcpdump.

use std::ffi::{c_void, CString};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::{fmt, ptr, slice};

use netstack_sys as sys;

use crate::callback::{borrow, deliver, destroy, give, guard};
use crate::error::{invalid, Result, Said};
use crate::nic::Nic;
use crate::version::check_version;

/// What passes a NIC, both ways, being written in the pcap format: raw IP (link type 101), with microseconds of the
/// stack's wall time. For [`Nic::set_capture`]; it may serve several NICs at once.
///
/// ```
/// # let (stack, wire) = include!("doc/stack.rs");
/// # let echo_request = include!("doc/echo_request.rs");
/// # let folder = std::env::temp_dir();
/// # let file = folder.join(format!("netstack-doc-{}.pcap", std::process::id()));
/// let nic = stack.nic(1).expect("it was added");
/// nic.set_capture(Some(&netstack::Capture::create(&file)?))?;
/// wire.inject(&echo_request)?;
/// // The header, the request, the reply.
/// assert_eq!(std::fs::read(&file)?.len(), 24 + 2 * (16 + 32));
/// # std::fs::remove_file(&file)?;
/// # Ok::<(), netstack::Error>(())
/// ```
pub struct Capture {
    capture: *mut sys::ns_capture,
    refused: Arc<AtomicU64>,
}

// SAFETY: the library lets any thread use a capture.
unsafe impl Send for Capture {}
// SAFETY: as above.
unsafe impl Sync for Capture {}

/// A writer of the user's, which the library calls once at a time.
struct Sink<W> {
    /// With its first error.
    writer: Mutex<(W, Option<io::Error>)>,
    refused: Arc<AtomicU64>,
}

impl<W: Write> Sink<W> {
    fn write(&self, bytes: &[u8]) {
        // Poisoned: the writer panicked once.
        if let Ok((writer, failed)) = self.writer.lock().as_deref_mut() {
            if failed.is_none() {
                *failed = writer.write_all(bytes).err();
            }
            if failed.is_none() {
                return;
            }
        }
        self.refused.fetch_add(1, Ordering::Relaxed);
    }
}

unsafe extern "C" fn on_write<W: Write>(user_data: *mut c_void, bytes: *const u8, length: usize) {
    guard((), || {
        // SAFETY: to_writer() gave a shared Sink of W; the bytes are there for the call.
        let (sink, bytes) = unsafe { (borrow::<Arc<Sink<W>>>(user_data), slice::from_raw_parts(bytes, length)) };
        sink.write(bytes);
    });
}

impl Capture {
    /// Writes a file, each packet at once; what the file held is lost.
    ///
    /// ```
    /// use netstack::{Capture, Error};
    ///
    /// let error = Capture::create("/nowhere/ping.pcap").unwrap_err();
    /// assert!(matches!(error, Error::NotFound(why) if why.contains("/nowhere/ping.pcap")));
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound), [`Error::Unsupported`](crate::Error::Unsupported): the file can't
    /// be made. [`Error::InvalidArgument`](crate::Error::InvalidArgument),
    /// [`Error::NoMemory`](crate::Error::NoMemory).
    pub fn create(path: impl AsRef<Path>) -> Result<Self> {
        let path = CString::new(path.as_ref().as_os_str().as_bytes())
            .map_err(|_| invalid("the path of the capture holds a zero byte"))?;
        let mut capture = Self::nothing()?;
        let mut said = Said::nothing();
        // SAFETY: the path is there for the call.
        let status = unsafe { sys::ns_capture_file_new(path.as_ptr(), &mut capture.capture, said.out()) };
        said.result(status).map(|()| capture)
    }

    /// Writes into a writer: the file's header before this returns, then a whole record a call, on the thread that
    /// delivers or sends the packet. Calls do not overlap. The writer is dropped when no NIC captures and nobody holds
    /// the capture any more.
    ///
    /// After its first error or panic the writer gets nothing more, so that what it has stays readable; what it did not
    /// get is [`lost`](Self::lost). The panic resumes from the call that delivered.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// use std::io::{Read, Write};
    ///
    /// let (mut reader, writer) = std::os::unix::net::UnixStream::pair()?;
    /// let capture = netstack::Capture::to_writer(writer)?;
    /// stack.nic(1).expect("it was added").set_capture(Some(&capture))?;
    /// wire.inject(&echo_request)?;
    ///
    /// let mut bytes = [0; 24 + 2 * (16 + 32)];
    /// reader.read_exact(&mut bytes)?;
    /// assert_eq!(&bytes[24 + 16..24 + 16 + 32], echo_request);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io): the writer refused the header. [`Error::NoMemory`](crate::Error::NoMemory).
    ///
    /// # Panics
    /// With what the writer panicked with.
    pub fn to_writer<W: Write + Send + 'static>(writer: W) -> Result<Self> {
        let mut capture = Self::nothing()?;
        let sink = Arc::new(Sink { writer: Mutex::new((writer, None)), refused: Arc::clone(&capture.refused) });
        let user_data = give(Arc::clone(&sink));
        deliver(move || {
            let mut said = Said::nothing();
            // SAFETY: the library owns the sink's share from here on.
            let status = unsafe {
                sys::ns_capture_callback_new(
                    Some(on_write::<W>),
                    user_data,
                    Some(destroy::<Arc<Sink<W>>>),
                    &mut capture.capture,
                    said.out(),
                )
            };
            said.result(status)?;
            let failed = sink.writer.lock().ok().and_then(|mut writer| writer.1.take());
            match failed {
                Some(error) => Err(error.into()),
                None => Ok(capture),
            }
        })
    }

    /// The place for one that the library makes.
    fn nothing() -> Result<Self> {
        check_version()?;
        Ok(Self { capture: ptr::null_mut(), refused: Arc::default() })
    }

    /// How many records could not be written: the file or the writer refused them, or they came faster than they were
    /// written.
    ///
    /// ```
    /// assert_eq!(netstack::Capture::create("/dev/null")?.lost(), 0);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn lost(&self) -> u64 {
        // SAFETY: the capture is alive.
        let lost = unsafe { sys::ns_capture_get_lost(self.capture) };
        lost + self.refused.load(Ordering::Relaxed)
    }
}

impl Nic<'_> {
    /// Captures what passes the NIC from now on, instead of with the capture that it had; `None`: no longer.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// let nic = stack.nic(1).expect("it was added");
    /// nic.set_capture(Some(&netstack::Capture::to_writer(std::io::sink())?))?;
    /// nic.set_capture(None)?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound): the NIC was removed. [`Error::NoMemory`](crate::Error::NoMemory).
    pub fn set_capture(&self, capture: Option<&Capture>) -> Result<()> {
        let capture = capture.map_or(ptr::null_mut(), |capture| capture.capture);
        // SAFETY: the stack is alive, the capture is or is null.
        self.change(|_, stack, id, said| unsafe { sys::ns_stack_set_capture(stack, id, capture, said) })
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        // SAFETY: null or a capture that this owns a reference of.
        deliver(|| unsafe { sys::ns_capture_free(self.capture) });
    }
}

impl fmt::Debug for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Capture").field("lost", &self.lost()).finish_non_exhaustive()
    }
}
