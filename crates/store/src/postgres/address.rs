//! From a URL to a connection: `postgres://user:password@host:port/database?sslmode=require`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::PostgresError;

/// How long the database may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a connection may be silent before it is probed.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// Where a database is, and how to connect to it.
#[derive(Clone)]
pub(super) struct Address {
    config: Config,
    tls: Option<MakeRustlsConnect>,
    /// The address without its password.
    pub(super) shown: String,
}

impl Address {
    /// Reads a URL. Besides what the driver knows, `sslmode` may be `verify-ca` or `verify-full`,
    /// and `sslrootcert` names a PEM file; certificates are verified in any case.
    pub(super) fn parse(url: &str) -> Result<Self, PostgresError> {
        let bad = |cause: &str| PostgresError::Address(hidden(url), cause.to_owned());
        let (plain, own) = split(url);
        let mut config: Config = plain.parse().map_err(|cause: tokio_postgres::Error| {
            bad(&std::error::Error::source(&cause).unwrap_or(&cause).to_string())
        })?;
        config.connect_timeout(CONNECT).keepalives_idle(KEEPALIVE);
        if config.get_application_name().is_none() {
            config.application_name("worksmith");
        }
        let mut roots = None;
        for (name, value) in own {
            match (name, value.as_str()) {
                ("sslmode", "verify-ca" | "verify-full") => {
                    config.ssl_mode(tokio_postgres::config::SslMode::Require);
                }
                ("sslmode", other) => return Err(bad(&format!("sslmode {other:?} is unknown"))),
                _ => roots = Some(PathBuf::from(value)),
            }
        }
        let wants_tls = config.get_ssl_mode() == tokio_postgres::config::SslMode::Require;
        let tls = (wants_tls || roots.is_some()).then(|| tls(roots)).transpose();
        Ok(Self { config, tls: tls.map_err(|cause| bad(&cause))?, shown: hidden(url) })
    }

    /// Opens a connection, which is driven by a task of its own.
    pub(super) async fn connect(&self) -> Result<Client, tokio_postgres::Error> {
        if let Some(tls) = &self.tls {
            let (client, connection) = self.config.connect(tls.clone()).await?;
            tokio::spawn(connection);
            return Ok(client);
        }
        let (client, connection) = self.config.connect(NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }
}

/// Separates a URL from those of its settings that the driver does not know.
fn split(url: &str) -> (String, Vec<(&'static str, String)>) {
    let Some((before, query)) = url.split_once('?') else { return (url.to_owned(), Vec::new()) };
    let mut own = Vec::new();
    let rest = query.split('&').filter(|setting| {
        let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
        let is_own = match (name, value) {
            ("sslmode", "disable" | "prefer" | "require") => None,
            ("sslmode", _) => Some("sslmode"),
            ("sslrootcert", _) => Some("sslrootcert"),
            _ => None,
        };
        own.extend(is_own.map(|name| (name, decoded(value))));
        is_own.is_none()
    });
    let rest = rest.collect::<Vec<_>>().join("&");
    let plain = if rest.is_empty() { before.to_owned() } else { format!("{before}?{rest}") };
    (plain, own)
}

/// Decodes the percent escapes of a URL.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The URL of a database without its password and settings, as people may see it.
pub(crate) fn hidden(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let path = path.split('?').next().unwrap_or_default();
    let shown = match authority.rsplit_once('@') {
        Some((user, host)) => format!("{}@{host}", user.split(':').next().unwrap_or_default()),
        None => authority.to_owned(),
    };
    format!("{scheme}://{shown}{path}")
}

fn tls(roots: Option<PathBuf>) -> Result<MakeRustlsConnect, String> {
    let mut trusted = RootCertStore::empty();
    if let Some(path) = roots {
        let failed = |cause: &dyn std::fmt::Display| format!("{}: {cause}", path.display());
        let file = CertificateDer::pem_file_iter(&path).map_err(|cause| failed(&cause))?;
        for certificate in file {
            let certificate = certificate.map_err(|cause| failed(&cause))?;
            trusted.add(certificate).map_err(|cause| failed(&cause))?;
        }
    } else {
        let found = rustls_native_certs::load_native_certs();
        trusted.add_parsable_certificates(found.certs);
    }
    if trusted.is_empty() {
        return Err("there is no certificate to trust; name one with sslrootcert=FILE".to_owned());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|cause| cause.to_string())?
        .with_root_certificates(trusted)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_shown_nowhere() {
        for (url, shown) in [
            ("postgres://a:secret@db:5432/x?sslmode=require", "postgres://a@db:5432/x"),
            ("postgres://a@db/x", "postgres://a@db/x"),
            ("postgres://db?password=secret", "postgres://db"),
            ("postgres://a:p@ss@db/x", "postgres://a@db/x"),
        ] {
            assert_eq!(hidden(url), shown);
        }
    }

    #[test]
    fn settings_that_the_driver_does_not_know_are_read_here() {
        let (plain, own) =
            split("postgres://db/x?sslmode=verify-full&host=%2Ftmp&sslrootcert=a%20b");
        assert_eq!(plain, "postgres://db/x?host=%2Ftmp");
        assert_eq!(own, [("sslmode", "verify-full".into()), ("sslrootcert", "a b".into())]);
        assert_eq!(split("postgres://db/x?sslmode=require").0, "postgres://db/x?sslmode=require");
    }

    #[test]
    fn a_bad_url_says_what_is_wrong_with_it() {
        for (url, part) in [
            ("postgres://db/x?sslmode=maybe", "sslmode \"maybe\" is unknown"),
            ("postgres://db/x?nonsense=1", "nonsense"),
            ("postgres://db/x?sslrootcert=/nowhere/ca.pem", "/nowhere/ca.pem"),
        ] {
            let said = Address::parse(url).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(said.contains(part) && said.contains("postgres://db"), "{said}");
        }
    }
}
