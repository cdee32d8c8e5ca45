//! Addresses and prefixes.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use netstack_sys as sys;

use crate::error::{invalid, Error, Result};

/// IPv4, IPv6 or both.
///
/// ```
/// # let (stack, wire) = include!("doc/stack.rs");
/// stack.on_echo_with(netstack::EchoOptions::new().family(netstack::Family::V6), |_| netstack::Verdict::Declined)?;
/// stack.remove_handler(netstack::Family::Any)?;
/// # Ok::<(), netstack::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Both.
    Any,
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    pub(crate) fn to_sys(self) -> sys::ns_family {
        match self {
            Self::Any => sys::NS_FAMILY_ANY,
            Self::V4 => sys::NS_FAMILY_IPV4,
            Self::V6 => sys::NS_FAMILY_IPV6,
        }
    }
}

/// An address with a prefix length: a network, or an address in its subnet.
///
/// ```
/// use netstack::Prefix;
///
/// let prefix: Prefix = "192.168.0.1/24".parse()?;
/// assert_eq!(prefix.length(), 24);
/// assert_eq!(prefix.to_string(), "192.168.0.1/24");
/// assert!("192.168.0.1/33".parse::<Prefix>().is_err());
/// # Ok::<(), netstack::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Prefix {
    address: IpAddr,
    length: u8,
}

impl Prefix {
    /// An address with the length of its prefix, 0 to 32 or 128.
    ///
    /// ```
    /// use netstack::Prefix;
    ///
    /// assert_eq!(Prefix::new([10, 7, 0, 0].into(), 16)?.to_string(), "10.7.0.0/16");
    /// let error = Prefix::new([10, 7, 0, 0].into(), 33).unwrap_err();
    /// assert_eq!(error.to_string(), "10.7.0.0/33: the length is not from 0 to 32");
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidArgument`]: the length is too large.
    pub fn new(address: IpAddr, length: u8) -> Result<Self> {
        if length > bits(address) {
            return Err(invalid(format!("{address}/{length}: the length is not from 0 to {}", bits(address))));
        }
        Ok(Self { address, length })
    }

    /// The address, bits behind the prefix included.
    ///
    /// ```
    /// let prefix: netstack::Prefix = "fd07::1/64".parse()?;
    /// assert_eq!(prefix.address().to_string(), "fd07::1");
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// How many bits the prefix has.
    ///
    /// ```
    /// let prefix: netstack::Prefix = "fd07::1/64".parse()?;
    /// assert_eq!(prefix.length(), 64);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn length(&self) -> u8 {
        self.length
    }

    pub(crate) fn to_sys(self) -> sys::ns_prefix {
        sys::ns_prefix { address: to_sys(self.address), length: self.length.into() }
    }
}

fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() {
        32
    } else {
        128
    }
}

/// An address alone is one that is alone in its subnet.
impl From<IpAddr> for Prefix {
    fn from(address: IpAddr) -> Self {
        Self { address, length: bits(address) }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

impl FromStr for Prefix {
    type Err = Error;

    /// As C reads it: the length is wanted.
    fn from_str(text: &str) -> Result<Self> {
        read(text).ok_or_else(|| no_prefix(text))
    }
}

fn read(text: &str) -> Option<Prefix> {
    let (address, length) = text.split_once('/')?;
    let plain = length.bytes().all(|b| b.is_ascii_digit()) && (length == "0" || !length.starts_with('0'));
    let length = length.parse().ok().filter(|_| plain)?;
    Prefix::new(address.parse().ok()?, length).ok()
}

fn no_prefix(text: impl fmt::Debug) -> Error {
    invalid(format!("{text:?} is not an address with a prefix length, such as 10.7.0.0/16 or fd07::/64"))
}

/// What functions take for a prefix or for an address in its subnet: text such as `"10.7.0.0/16"`, a [`Prefix`], or an
/// address with its length. Where addresses are assigned, one without a length is a subnet of its own.
///
/// ```
/// use netstack::NicOptions;
/// use std::net::IpAddr;
///
/// let subnet = IpAddr::from([192, 168, 0, 1]);
/// let options = NicOptions::new().address("10.0.0.1/8").address((subnet, 24)).address(IpAddr::from([172, 16, 0, 1]));
/// # let (stack, wire) = (netstack::Stack::new()?, netstack::Channel::new()?);
/// # stack.add_nic(&wire, options)?;
/// # Ok::<(), netstack::Error>(())
/// ```
pub trait ToPrefix {
    /// The prefix, which has a length.
    ///
    /// ```
    /// use netstack::ToPrefix;
    ///
    /// assert_eq!("10.7.0.0/16".to_prefix()?.length(), 16);
    /// assert_eq!(
    ///     "10.7.0.1".to_prefix().unwrap_err().to_string(),
    ///     "\"10.7.0.1\" is not an address with a prefix length, such as 10.7.0.0/16 or fd07::/64"
    /// );
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidArgument`]: it is none.
    fn to_prefix(&self) -> Result<Prefix>;

    /// What is assigned: an address alone is a subnet of its own.
    ///
    /// ```
    /// use netstack::ToPrefix;
    ///
    /// assert_eq!("10.7.0.1/16".to_subnet()?.length(), 16);
    /// assert_eq!("10.7.0.1".to_subnet()?.length(), 32);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidArgument`]: it is none.
    fn to_subnet(&self) -> Result<Prefix> {
        self.to_prefix()
    }
}

impl ToPrefix for str {
    fn to_prefix(&self) -> Result<Prefix> {
        self.parse()
    }

    fn to_subnet(&self) -> Result<Prefix> {
        self.parse::<IpAddr>().map_or_else(|_| self.to_prefix(), |address| Ok(address.into()))
    }
}

impl ToPrefix for String {
    fn to_prefix(&self) -> Result<Prefix> {
        self.as_str().to_prefix()
    }

    fn to_subnet(&self) -> Result<Prefix> {
        self.as_str().to_subnet()
    }
}

impl ToPrefix for Prefix {
    fn to_prefix(&self) -> Result<Prefix> {
        Ok(*self)
    }
}

impl ToPrefix for IpAddr {
    fn to_prefix(&self) -> Result<Prefix> {
        Err(no_prefix(self))
    }

    fn to_subnet(&self) -> Result<Prefix> {
        Ok((*self).into())
    }
}

impl ToPrefix for (IpAddr, u8) {
    fn to_prefix(&self) -> Result<Prefix> {
        Prefix::new(self.0, self.1)
    }
}

impl<T: ToPrefix + ?Sized> ToPrefix for &T {
    fn to_prefix(&self) -> Result<Prefix> {
        (**self).to_prefix()
    }

    fn to_subnet(&self) -> Result<Prefix> {
        (**self).to_subnet()
    }
}

pub(crate) fn to_sys(address: IpAddr) -> sys::ns_address {
    let mut bytes = [0; 16];
    let family = match address {
        IpAddr::V4(v4) => {
            bytes[..4].copy_from_slice(&v4.octets());
            sys::NS_FAMILY_IPV4
        }
        IpAddr::V6(v6) => {
            bytes = v6.octets();
            sys::NS_FAMILY_IPV6
        }
    };
    sys::ns_address { bytes, family, scope: 0 }
}

/// No address is `::`, which only what is not filled in has.
pub(crate) fn from_sys(address: &sys::ns_address) -> IpAddr {
    if address.family == sys::NS_FAMILY_IPV4 {
        let [a, b, c, d, ..] = address.bytes;
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    } else {
        IpAddr::V6(Ipv6Addr::from(address.bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_and_written() {
        for text in ["0.0.0.0/0", "192.168.0.1/24", "10.0.0.1/32", "::/0", "2001:db8::1/64", "ff02::1/128"] {
            assert_eq!(text.parse::<Prefix>().map(|prefix| prefix.to_string()).ok().as_deref(), Some(text));
        }
        assert_eq!("fd07::1".to_subnet().map(|prefix| prefix.length()).ok(), Some(128));
    }

    #[test]
    fn what_is_no_prefix_is_refused_by_name() {
        for text in [
            "",
            "/",
            "1.2.3.4",
            "1.2.3.4/",
            "1.2.3/8",
            "1.2.3.4/08",
            "1.2.3.4/+8",
            "1.2.3.4/256",
            "::/129",
            "::1/64/64",
        ] {
            let why = text.parse::<Prefix>().expect_err(text).to_string();
            assert_eq!(
                why,
                format!("{text:?} is not an address with a prefix length, such as 10.7.0.0/16 or fd07::/64")
            );
        }
    }

    #[test]
    fn addresses_go_to_c_and_back() {
        for text in ["192.0.2.1", "2001:db8::1", "0.0.0.0", "::"] {
            let address: IpAddr = text.parse().expect("an address");
            assert_eq!(from_sys(&to_sys(address)), address);
        }
        let raw = to_sys("192.0.2.1".parse().expect("an address"));
        assert_eq!((raw.family, &raw.bytes[..5]), (sys::NS_FAMILY_IPV4, &[192, 0, 2, 1, 0][..]));
    }
}
