//! Clocks: where a stack's time comes from.

use std::ffi::c_void;
use std::io;
use std::mem::{size_of, zeroed};
use std::os::fd::{BorrowedFd, RawFd};
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use netstack_sys as sys;

use crate::callback::{borrow, deliver, destroy, give, guard, panicked, park};
use crate::error::{check, Error, Result, Said};
use crate::version::check_version;

/// A clock that stands still until it is advanced. Copies are the same clock. A stack with it is driven by
/// [`Stack::poll`](crate::Stack::poll); [`Stack::run`](crate::Stack::run) refuses it.
///
/// ```
/// use std::time::Duration;
///
/// use netstack::{ManualClock, Stack, StackOptions};
///
/// let clock = ManualClock::new(Duration::from_secs(1_700_000_000))?;
/// let stack = Stack::with(StackOptions::new().clock(&clock))?;
/// clock.advance(Duration::from_millis(4242));
/// stack.poll()?;
/// # Ok::<(), netstack::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ManualClock(pub(crate) Arc<Clock>);

impl ManualClock {
    /// A clock that starts at `start`, which is also the wall time, since 1970 UTC.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// assert_eq!(netstack::ManualClock::new(Duration::ZERO)?.now(), Duration::ZERO);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoMemory`].
    pub fn new(start: Duration) -> Result<Self> {
        let mut clock = Clock::nothing()?;
        // SAFETY: the place is there.
        check(deliver(|| unsafe { sys::ns_clock_manual_new(nanoseconds(start), &raw mut clock.0) }))?;
        Ok(Self(Arc::new(clock)))
    }

    /// Moves the clock on. Timers that become due run at the next [`Stack::poll`](crate::Stack::poll).
    ///
    /// ```
    /// # use std::time::Duration;
    /// let clock = netstack::ManualClock::new(Duration::ZERO)?;
    /// clock.advance(Duration::from_secs(5));
    /// assert_eq!(clock.now(), Duration::from_secs(5));
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn advance(&self, by: Duration) {
        // SAFETY: the clock is alive, and a manual one, so this can't fail.
        deliver(|| unsafe { sys::ns_clock_advance(self.0 .0, nanoseconds(by)) });
    }

    /// The time that it shows.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let clock = netstack::ManualClock::new(Duration::from_secs(3))?;
    /// assert_eq!(clock.clone().now(), Duration::from_secs(3));
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn now(&self) -> Duration {
        self.0.now()
    }
}

/// A clock of one's own, for [`StackOptions::clock_source`](crate::StackOptions::clock_source). Any thread may call
/// it, and calls overlap.
///
/// ```
/// use std::time::{Duration, Instant};
///
/// struct SinceStart(Instant);
///
/// impl netstack::ClockSource for SinceStart {
///     fn now(&self) -> Duration {
///         self.0.elapsed()
///     }
/// }
///
/// let stack = netstack::Stack::with(netstack::StackOptions::new().clock_source(SinceStart(Instant::now())))?;
/// let error = stack.run().unwrap_err();
/// assert!(matches!(error, netstack::Error::Unsupported(why) if why.contains("wait")), "it has no wait function");
/// # Ok::<(), netstack::Error>(())
/// ```
pub trait ClockSource: Send + Sync + 'static {
    /// The time now, since a start of the clock's own choice. It never goes back.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use netstack::ClockSource;
    ///
    /// struct Fixed;
    ///
    /// impl ClockSource for Fixed {
    ///     fn now(&self) -> Duration {
    ///         Duration::from_secs(7)
    ///     }
    /// }
    /// assert_eq!(Fixed.now().as_secs(), 7);
    /// ```
    fn now(&self) -> Duration;

    /// The time since 1970 UTC, for captures; by default the time now.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// struct Wall;
    ///
    /// impl netstack::ClockSource for Wall {
    ///     fn now(&self) -> Duration {
    ///         Duration::ZERO
    ///     }
    ///
    ///     fn wall_now(&self) -> Duration {
    ///         SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default()
    ///     }
    /// }
    /// # let _ = netstack::Stack::with(netstack::StackOptions::new().clock_source(Wall))?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    fn wall_now(&self) -> Duration {
        self.now()
    }

    /// Waits until the descriptor is readable or the clock shows `deadline`. It may return early.
    ///
    /// ```
    /// use std::os::fd::BorrowedFd;
    /// use std::sync::Mutex;
    /// use std::time::Duration;
    ///
    /// /// Nothing takes time, but everything happens at its time.
    /// struct Leaping(Mutex<Duration>);
    ///
    /// impl netstack::ClockSource for Leaping {
    ///     fn now(&self) -> Duration {
    ///         *self.0.lock().unwrap()
    ///     }
    ///
    ///     fn wait(&self, _: BorrowedFd<'_>, deadline: Option<Duration>) -> netstack::Result<()> {
    ///         *self.0.lock().unwrap() = deadline.ok_or(netstack::Error::WouldBlock)?;
    ///         Ok(())
    ///     }
    /// }
    /// let options = netstack::StackOptions::new().clock_source(Leaping(Mutex::default()));
    /// let stack = netstack::Stack::with(options)?;
    /// # let wire = netstack::Channel::new()?;
    /// # stack.add_nic(&wire, netstack::NicOptions::new().address("192.168.0.1/24"))?;
    /// // At once, though by the stack's clock a second went by.
    /// assert!(matches!(stack.ping([192, 168, 0, 2]), Err(netstack::Error::TimedOut)));
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// Whatever it returns ends [`Stack::run`](crate::Stack::run), and comes out of it. By default the clock can't wait,
    /// and `run` is refused with it.
    fn wait(&self, descriptor: BorrowedFd<'_>, deadline: Option<Duration>) -> Result<()> {
        let _ = (descriptor, deadline);
        Err(Error::Unsupported("the clock can't wait".into()))
    }
}

/// A reference to a clock of the library's.
#[derive(Debug)]
pub(crate) struct Clock(pub(crate) *mut sys::ns_clock);

// SAFETY: the library lets any thread use a clock.
unsafe impl Send for Clock {}
// SAFETY: as above.
unsafe impl Sync for Clock {}

impl Drop for Clock {
    fn drop(&mut self) {
        // SAFETY: null or a clock that this owns a reference of.
        deliver(|| unsafe { sys::ns_clock_free(self.0) });
    }
}

impl Clock {
    /// The time that it shows; a source of one's own is asked.
    pub(crate) fn now(&self) -> Duration {
        // SAFETY: the clock is alive.
        Duration::from_nanos(deliver(|| unsafe { sys::ns_clock_get_now(self.0) }))
    }

    /// The place for one that the library makes.
    fn nothing() -> Result<Self> {
        check_version()?;
        Ok(Self(ptr::null_mut()))
    }

    pub(crate) fn system() -> Result<Self> {
        Self::from_source(SystemClock)
    }

    pub(crate) fn from_source<S: ClockSource>(source: S) -> Result<Self> {
        let mut clock = Self::nothing()?;
        let mut said = Said::nothing();
        // SAFETY: the options are filled in, and the library owns the source from here on.
        let status = deliver(|| unsafe {
            let mut options: sys::ns_clock_options = zeroed();
            sys::ns_clock_options_init(&raw mut options, size_of::<sys::ns_clock_options>());
            options.wall_now = Some(wall_now::<S>);
            options.wait = Some(wait::<S>);
            sys::ns_clock_callback_new(
                &raw const options,
                Some(now::<S>),
                give(source),
                Some(destroy::<S>),
                &raw mut clock.0,
                said.out(),
            )
        });
        said.result(status)?;
        Ok(clock)
    }
}

unsafe extern "C" fn now<S: ClockSource>(user_data: *mut c_void) -> u64 {
    // SAFETY: from_source() gave an S.
    guard(0, || nanoseconds(unsafe { borrow::<S>(user_data) }.now()))
}

unsafe extern "C" fn wall_now<S: ClockSource>(user_data: *mut c_void) -> u64 {
    // SAFETY: as above.
    guard(0, || nanoseconds(unsafe { borrow::<S>(user_data) }.wall_now()))
}

unsafe extern "C" fn wait<S: ClockSource>(user_data: *mut c_void, descriptor: RawFd, deadline: u64) -> sys::ns_status {
    guard(sys::NS_ERR_INTERNAL, || {
        // A panic beneath a run ends it.
        if panicked() {
            return sys::NS_ERR_INTERNAL;
        }
        let deadline = (deadline != u64::MAX).then(|| Duration::from_nanos(deadline));
        // SAFETY: as above; the descriptor is the stack's, which is alive.
        let outcome = unsafe { borrow::<S>(user_data).wait(BorrowedFd::borrow_raw(descriptor), deadline) };
        outcome.map_or_else(park, |()| sys::NS_OK)
    })
}

pub(crate) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX - 1)
}

/// The system's, with a wait that notices panics.
struct SystemClock;

fn read(clock: libc::clockid_t) -> Duration {
    // SAFETY: plain numbers, and the place is there.
    let time = unsafe {
        let mut time: libc::timespec = zeroed();
        libc::clock_gettime(clock, &raw mut time);
        time
    };
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

impl ClockSource for SystemClock {
    fn now(&self) -> Duration {
        read(libc::CLOCK_MONOTONIC)
    }

    fn wall_now(&self) -> Duration {
        read(libc::CLOCK_REALTIME)
    }

    fn wait(&self, descriptor: BorrowedFd<'_>, deadline: Option<Duration>) -> Result<()> {
        use std::os::fd::AsRawFd;

        let timeout = deadline.map_or(-1, |deadline| {
            // Rounded up: a wait that ends just before its deadline would only be followed by another.
            let left = deadline.saturating_sub(self.now());
            i32::try_from(left.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX)
        });
        let mut waiting = libc::pollfd { fd: descriptor.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: one entry, which is there.
        if unsafe { libc::poll(&raw mut waiting, 1, timeout) } < 0 {
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error.into());
            }
        }
        Ok(())
    }
}
