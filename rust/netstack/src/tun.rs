//! TUN devices as links.

use std::ffi::CString;
use std::mem::{size_of, zeroed};

use netstack_sys as sys;

use crate::address::{Prefix, ToPrefix};
use crate::callback::deliver;
use crate::error::{invalid, Error, Result, Said};
use crate::link::{checked_mtu, is_a_link, Link};
#[cfg(doc)]
use crate::MTU_MAX;

/// A TUN device of the system's. Linux.
///
/// ```no_run
/// let stack = netstack::Stack::new()?;
/// stack.add_nic(netstack::Tun::open("tun0")?, netstack::NicOptions::new().local_prefix("10.7.0.0/16"))?;
/// stack.run()?;
/// # Ok::<(), netstack::Error>(())
/// ```
#[derive(Debug)]
pub struct Tun(Link);
is_a_link!(Tun);

/// Options of [`Tun::with`].
///
/// ```no_run
/// use netstack::{Tun, TunOptions};
///
/// let tun = Tun::with("tun0", TunOptions::new().mtu(1400).host_address("10.7.255.254/16"))?;
/// # Ok::<(), netstack::Error>(())
/// ```
#[derive(Debug, Default)]
#[must_use]
pub struct TunOptions {
    mtu: Option<u32>,
    hosts: Vec<Prefix>,
    error: Option<Error>,
}

impl TunOptions {
    /// The device as it is.
    ///
    /// ```no_run
    /// let tun = netstack::Tun::with("tun0", netstack::TunOptions::new())?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the device's MTU in bytes, 68 to [`MTU_MAX`].
    ///
    /// ```
    /// let error = netstack::Tun::with("tun0", netstack::TunOptions::new().mtu(0)).unwrap_err();
    /// assert!(matches!(error, netstack::Error::InvalidArgument(why) if why.contains("0 bytes")));
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn mtu(mut self, bytes: u32) -> Self {
        self.mtu = Some(bytes);
        self
    }

    /// What the host calls itself on the network: given to the device, which is then brought up. May be repeated.
    ///
    /// ```
    /// let error = netstack::Tun::with("tun0", netstack::TunOptions::new().host_address("10.7.0.0/x")).unwrap_err();
    /// assert_eq!(error.to_string(), "\"10.7.0.0/x\" is not an address with a prefix length, such as 10.7.0.0/16 or fd07::/64");
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn host_address(mut self, address: impl ToPrefix) -> Self {
        match address.to_prefix() {
            Ok(prefix) => self.hosts.push(prefix),
            Err(error) => self.error = self.error.or(Some(error)),
        }
        self
    }
}

impl Tun {
    /// Opens a TUN device by name, 1 to 15 characters, and makes it if it does not exist; a `%d` in the name becomes
    /// the first free number. Bring it up and give it an address with the system's tools.
    ///
    /// ```no_run
    /// let tun = netstack::Tun::open("tun%d")?;
    /// println!("ip link set {} up", tun.name());
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// They say what to do. [`Error::InvalidArgument`]; [`Error::Busy`]: somebody else has the device open;
    /// [`Error::NotFound`]: the system has no TUN; [`Error::Unsupported`]: not allowed (`CAP_NET_ADMIN`), or not
    /// Linux; [`Error::NoMemory`].
    pub fn open(name: &str) -> Result<Self> {
        Self::with(name, TunOptions::new())
    }

    /// Opens a TUN device with options.
    ///
    /// ```no_run
    /// use netstack::{Tun, TunOptions};
    ///
    /// let tun = Tun::with("tun0", TunOptions::new().mtu(1400).host_address("10.7.255.254/16"))?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn with(name: &str, options: TunOptions) -> Result<Self> {
        if let Some(error) = options.error {
            return Err(error);
        }
        let name = CString::new(name).map_err(|_| invalid("the name of the device holds a zero byte"))?;
        let mtu = checked_mtu(options.mtu)?;
        let hosts: Vec<_> = options.hosts.iter().map(|host| host.to_sys()).collect();
        let mut link = Link::nothing()?;
        let mut said = Said::nothing();
        // SAFETY: the options are filled in; name and addresses are there for the call.
        let status = deliver(|| unsafe {
            let mut raw: sys::ns_link_tun_options = zeroed();
            sys::ns_link_tun_options_init(&raw mut raw, size_of::<sys::ns_link_tun_options>());
            raw.mtu = mtu;
            raw.host_addresses = hosts.as_ptr();
            raw.host_address_count = hosts.len();
            sys::ns_link_tun_new(name.as_ptr(), &raw const raw, &raw mut link.0, said.out())
        });
        said.result(status)?;
        Ok(Self(link))
    }

    /// The device's name, such as `tun0`.
    ///
    /// ```no_run
    /// assert_eq!(netstack::Tun::open("tun0")?.name(), "tun0");
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn name(&self) -> String {
        let mut buffer = [0u8; 16];
        // SAFETY: the link is alive, and 16 bytes are always enough.
        let status = unsafe { sys::ns_link_get_device(self.0 .0, buffer.as_mut_ptr().cast(), buffer.len()) };
        debug_assert_eq!(status, sys::NS_OK);
        buffer.iter().take_while(|&&byte| byte != 0).map(|&byte| char::from(byte)).collect()
    }
}
