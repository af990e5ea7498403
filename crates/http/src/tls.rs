//! Certificates: given ones, or those of a local CA.
//!
//! The generated files are in the folder `tls` of the data dir:
//!
//! - `ca.pem` is what clients are told to trust. It is created once, and valid for ten years;
//! - `ca-key.pem` (readable only by its owner) signs the server's certificate. It is kept so that a
//!   new name or an expiry does not change the CA that clients trust already. It may be moved
//!   elsewhere: it is needed only when the next certificate is due;
//! - `cert.pem` and `key.pem` are the server's own. They are renewed when the names change, and
//!   before they expire.
//!
//! The extensions are those that strict readers of RFC 5280 require, such as Python from 3.13 on,
//! and with it the official MCP server.

use std::collections::BTreeSet;
use std::fmt;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use worksmith_wire::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const CA_DAYS: i64 = 3652;
/// The longest validity that all clients accept, in days.
const LEAF_DAYS: i64 = 397;
const RENEW_BEFORE_DAYS: i64 = 30;
/// Certificates begin in the past, for clients whose clock is slow.
const BACKDATE_DAYS: i64 = 1;

/// Why there is no certificate to serve with. Each reason ends the start with its sentence.
#[derive(Debug)]
pub enum TlsError {
    /// A file can't be read or written.
    File(PathBuf, std::io::Error),
    /// A file is not what it should be.
    Unusable(PathBuf, String),
    /// The key does not belong to the certificate.
    Mismatch(PathBuf, PathBuf),
    /// No certificate can be made for this name.
    Name(String),
    /// The CA has expired.
    Expired(PathBuf),
    /// A certificate could not be made.
    Making(String),
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, cause) => {
                write!(f, "the TLS file {} can't be used: {cause}", path.display())
            }
            Self::Unusable(path, cause) => {
                write!(f, "the TLS file {} can't be used: {cause}", path.display())
            }
            Self::Mismatch(certificate, key) => write!(
                f,
                "the key {} does not belong to the certificate {}",
                key.display(),
                certificate.display()
            ),
            Self::Name(name) => {
                write!(f, "{name:?} is no DNS name or IP address that a certificate could name")
            }
            Self::Expired(path) => write!(
                f,
                "the CA {} nears its end; move the folder away for a new one, which clients must \
                 then trust",
                path.display()
            ),
            Self::Making(cause) => write!(f, "no certificate could be made: {cause}"),
        }
    }
}

impl std::error::Error for TlsError {}

impl From<rcgen::Error> for TlsError {
    fn from(cause: rcgen::Error) -> Self {
        Self::Making(cause.to_string())
    }
}

/// Where the certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A certificate with its chain, and its key, both in PEM files.
    Given {
        /// The file of the certificate and its chain.
        certificate: PathBuf,
        /// The file of its private key.
        key: PathBuf,
    },
    /// Made by this server.
    SelfMade {
        /// The folder of the files, which is created if needed.
        folder: PathBuf,
        /// The names in the certificate, besides those that [`Source::self_made`] adds.
        names: BTreeSet<Name>,
    },
}

/// A name in a certificate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// A host.
    Dns(String),
    /// An address.
    Ip(IpAddr),
}

impl Name {
    /// Parses a name; a leading `*.` stands for any single label.
    pub fn parse(text: &str) -> Result<Self, TlsError> {
        if let Ok(ip) = text.trim_matches(['[', ']']).parse() {
            return Ok(Self::Ip(ip));
        }
        let name = text.to_ascii_lowercase();
        let label = |label: &str| {
            let letters = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            !label.is_empty() && label.len() <= 63 && label.chars().all(letters)
        };
        let is_name = name.strip_prefix("*.").unwrap_or(&name).split('.').all(label);
        if is_name && name.len() <= 253 { Ok(Self::Dns(name)) } else { Err(TlsError::Name(name)) }
    }
}

impl Source {
    /// A self-made certificate for this machine, the address it listens on, and `names`.
    pub fn self_made(
        folder: PathBuf,
        listen: IpAddr,
        names: impl IntoIterator<Item = Name>,
    ) -> Self {
        let mut all: BTreeSet<Name> = names.into_iter().collect();
        all.insert(Name::Dns("localhost".to_owned()));
        all.insert(Name::Ip(Ipv4Addr::LOCALHOST.into()));
        all.insert(Name::Ip(Ipv6Addr::LOCALHOST.into()));
        if !listen.is_unspecified() {
            all.insert(Name::Ip(listen));
        }
        Self::SelfMade { folder, names: all }
    }

    /// The CA that clients have to be told to trust.
    pub fn ca(&self) -> Option<PathBuf> {
        match self {
            Self::Given { .. } => None,
            Self::SelfMade { folder, .. } => Some(folder.join("ca.pem")),
        }
    }

    /// Reads the certificate, and creates or renews what is missing or due.
    pub fn load(&self, now: Timestamp) -> Result<Arc<ServerConfig>, TlsError> {
        match self {
            Self::Given { certificate, key } => config(certificate, key),
            Self::SelfMade { folder, names } => self_made(folder, names, now),
        }
    }
}

fn config(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|cause| unreadable(certificate, cause))?;
    if chain.is_empty() {
        return Err(unusable(certificate, "there is no certificate in it"));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|cause| unreadable(key, cause))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|cause| TlsError::Making(cause.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|cause| match cause {
            rustls::Error::InconsistentKeys(_) => {
                TlsError::Mismatch(certificate.to_owned(), key.to_owned())
            }
            rustls::Error::InvalidCertificate(_) => unusable(certificate, cause),
            _ => unusable(key, cause),
        })?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn unusable(path: &Path, cause: impl fmt::Display) -> TlsError {
    TlsError::Unusable(path.to_owned(), cause.to_string())
}

fn unreadable(path: &Path, cause: rustls::pki_types::pem::Error) -> TlsError {
    use rustls::pki_types::pem::Error;
    match cause {
        Error::Io(cause) => TlsError::File(path.to_owned(), cause),
        Error::NoItemsFound => unusable(path, "it holds no PEM section of the right kind"),
        other => unusable(path, other),
    }
}

fn self_made(
    folder: &Path,
    names: &BTreeSet<Name>,
    now: Timestamp,
) -> Result<Arc<ServerConfig>, TlsError> {
    std::fs::create_dir_all(folder).map_err(|cause| TlsError::File(folder.to_owned(), cause))?;
    let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    let (ca, ca_key) = (folder.join("ca.pem"), folder.join("ca-key.pem"));
    if !ca.exists() {
        make_ca(&ca, &ca_key, now)?;
    }
    let ca_der = der_of(&ca)?;
    let (_, authority) = x509_parser::parse_x509_certificate(&ca_der)
        .map_err(|_| unusable(&ca, "it is no certificate"))?;
    if days_left(&authority, now) < RENEW_BEFORE_DAYS {
        return Err(TlsError::Expired(ca));
    }
    if is_current(&certificate, &authority, names, now)
        && let Ok(config) = config(&certificate, &key)
    {
        return Ok(config);
    }
    let signer = read(&ca_key)?;
    let signer = KeyPair::from_pem(&signer).map_err(|cause| unusable(&ca_key, cause))?;
    if signer.public_key_raw() != authority.public_key().subject_public_key.data.as_ref() {
        return Err(TlsError::Mismatch(ca, ca_key));
    }
    let issuer = Issuer::from_ca_cert_der(&ca_der, signer)?;
    let pair = KeyPair::generate()?;
    let leaf = leaf_params(names, now)?.signed_by(&pair, &issuer)?;
    write_private(&key, &pair.serialize_pem())?;
    write(&certificate, &leaf.pem(), 0o644)?;
    config(&certificate, &key)
}

fn make_ca(ca: &Path, ca_key: &Path, now: Timestamp) -> Result<(), TlsError> {
    let pair = KeyPair::generate()?;
    let mut params = CertificateParams::default();
    // Two CAs of two servers in one trust store must not share a name.
    let random = pair.public_key_raw();
    let mark = format!("Worksmith CA {}", hex::encode(&random[random.len().saturating_sub(4)..]));
    params.distinguished_name.push(DnType::CommonName, mark);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    validity(&mut params, now, CA_DAYS);
    let certificate = params.self_signed(&pair)?;
    // The key is written first: a CA without its key would be kept, but could not sign anything.
    write_private(ca_key, &pair.serialize_pem())?;
    write(ca, &certificate.pem(), 0o644)
}

fn leaf_params(names: &BTreeSet<Name>, now: Timestamp) -> Result<CertificateParams, TlsError> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "Worksmith");
    params.subject_alt_names = names
        .iter()
        .map(|name| {
            Ok(match name {
                Name::Ip(ip) => SanType::IpAddress(*ip),
                Name::Dns(dns) => SanType::DnsName(dns.as_str().try_into()?),
            })
        })
        .collect::<Result<_, rcgen::Error>>()?;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    validity(&mut params, now, LEAF_DAYS);
    Ok(params)
}

fn validity(params: &mut CertificateParams, now: Timestamp, days: i64) {
    let day = |at: Timestamp| {
        let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let date = jiff::tz::TimeZone::UTC.to_datetime(at).date();
        let part = |number: i8| u8::try_from(number).unwrap_or(1);
        rcgen::date_time_ymd(i32::from(date.year()), part(date.month()), part(date.day()))
    };
    params.not_before = day(now.plus_ms(-BACKDATE_DAYS * DAY_MS));
    params.not_after = day(now.plus_ms(days * DAY_MS));
}

fn days_left(certificate: &X509Certificate<'_>, now: Timestamp) -> i64 {
    (certificate.validity().not_after.timestamp() * 1000 - now.0) / DAY_MS
}

/// Whether the certificate is signed by this CA, has exactly these names, and is not due yet.
fn is_current(
    path: &Path,
    authority: &X509Certificate<'_>,
    names: &BTreeSet<Name>,
    now: Timestamp,
) -> bool {
    let Ok(der) = der_of(path) else { return false };
    let Ok((_, leaf)) = x509_parser::parse_x509_certificate(&der) else { return false };
    days_left(&leaf, now) >= RENEW_BEFORE_DAYS
        && leaf.verify_signature(Some(authority.public_key())).is_ok()
        && names_of(&leaf) == *names
}

fn names_of(certificate: &X509Certificate<'_>) -> BTreeSet<Name> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else {
        return BTreeSet::new();
    };
    let name = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(dns) => Some(Name::Dns((*dns).to_owned())),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            v4.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from)).ok().map(Name::Ip)
        }
        _ => None,
    };
    extension.value.general_names.iter().filter_map(name).collect()
}

fn der_of(path: &Path) -> Result<CertificateDer<'static>, TlsError> {
    CertificateDer::from_pem_file(path).map_err(|cause| unreadable(path, cause))
}

fn read(path: &Path) -> Result<String, TlsError> {
    std::fs::read_to_string(path).map_err(|cause| TlsError::File(path.to_owned(), cause))
}

fn write_private(path: &Path, text: &str) -> Result<(), TlsError> {
    write(path, text, 0o600)
}

/// Writes a file atomically: a reader sees either the old one or the new one.
fn write(path: &Path, text: &str, mode: u32) -> Result<(), TlsError> {
    let beside = path.with_extension("new");
    let write = || -> std::io::Result<()> {
        let _ = std::fs::remove_file(&beside);
        let mut options = std::fs::File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
        #[cfg(not(unix))]
        let _ = mode;
        let mut file = options.open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    };
    write().map_err(|cause| TlsError::File(path.to_owned(), cause))
}

#[cfg(test)]
mod tests;
