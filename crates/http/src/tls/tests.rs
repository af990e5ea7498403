//! Tests of certificates.

use std::os::unix::fs::PermissionsExt;

use super::*;

/// 2026-01-01T12:00:00Z.
const NOW: Timestamp = Timestamp(1_767_268_800_000);

fn source(folder: &Path, names: &[&str]) -> Source {
    let names = names.iter().map(|name| Name::parse(name).unwrap());
    Source::self_made(folder.to_owned(), IpAddr::from([127, 0, 0, 1]), names)
}

fn bytes(folder: &Path, file: &str) -> Vec<u8> {
    std::fs::read(folder.join(file)).unwrap()
}

#[test]
fn the_certificates_are_what_a_strict_reader_asks_for() {
    let dir = tempfile::TempDir::new().unwrap();
    source(dir.path(), &["api.devrev.ai", "10.1.2.3"]).load(NOW).unwrap();
    let (ca_der, leaf_der) = (
        der_of(&dir.path().join("ca.pem")).unwrap(),
        der_of(&dir.path().join("cert.pem")).unwrap(),
    );
    let (_, ca) = x509_parser::parse_x509_certificate(&ca_der).unwrap();
    let (_, leaf) = x509_parser::parse_x509_certificate(&leaf_der).unwrap();

    let constraints = ca.basic_constraints().unwrap().unwrap();
    assert!(constraints.critical && constraints.value.ca);
    let usage = ca.key_usage().unwrap().unwrap();
    assert!(usage.critical && usage.value.key_cert_sign() && usage.value.crl_sign());
    let identifier = |certificate: &X509Certificate<'_>, text: &str| {
        let found = certificate
            .extensions()
            .iter()
            .any(|extension| format!("{:?}", extension.parsed_extension()).starts_with(text));
        assert!(found, "no {text}");
    };
    identifier(&ca, "SubjectKeyIdentifier");
    identifier(&leaf, "AuthorityKeyIdentifier");
    assert!(leaf.verify_signature(Some(ca.public_key())).is_ok());
    let wanted = ["10.1.2.3", "127.0.0.1", "::1", "api.devrev.ai", "localhost"];
    let wanted: BTreeSet<_> = wanted.iter().map(|name| Name::parse(name).unwrap()).collect();
    assert_eq!(names_of(&leaf), wanted);
}

#[test]
fn keys_are_for_their_owner_alone() {
    let dir = tempfile::TempDir::new().unwrap();
    source(dir.path(), &[]).load(NOW).unwrap();
    for key in ["ca-key.pem", "key.pem"] {
        let mode = std::fs::metadata(dir.path().join(key)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{key}");
    }
}

#[test]
fn the_same_names_keep_the_certificate() {
    let dir = tempfile::TempDir::new().unwrap();
    source(dir.path(), &["a.example"]).load(NOW).unwrap();
    let before = bytes(dir.path(), "cert.pem");
    source(dir.path(), &["A.example"]).load(NOW.plus_ms(300 * DAY_MS)).unwrap();
    assert_eq!(bytes(dir.path(), "cert.pem"), before);
}

#[test]
fn another_name_or_the_end_near_makes_a_new_certificate_of_the_same_ca() {
    let dir = tempfile::TempDir::new().unwrap();
    source(dir.path(), &["a.example"]).load(NOW).unwrap();
    let ca = bytes(dir.path(), "ca.pem");
    let first = bytes(dir.path(), "cert.pem");
    source(dir.path(), &["b.example"]).load(NOW).unwrap();
    let second = bytes(dir.path(), "cert.pem");
    assert_ne!(first, second);
    source(dir.path(), &["b.example"]).load(NOW.plus_ms(370 * DAY_MS)).unwrap();
    assert_ne!(second, bytes(dir.path(), "cert.pem"));
    assert_eq!(ca, bytes(dir.path(), "ca.pem"));
}

#[test]
fn a_pair_torn_apart_is_made_anew() {
    let dir = tempfile::TempDir::new().unwrap();
    source(dir.path(), &[]).load(NOW).unwrap();
    std::fs::write(dir.path().join("key.pem"), KeyPair::generate().unwrap().serialize_pem())
        .unwrap();
    source(dir.path(), &[]).load(NOW).unwrap();
    config(&dir.path().join("cert.pem"), &dir.path().join("key.pem")).unwrap();
}

#[test]
fn the_key_of_the_ca_may_be_taken_away_until_it_is_needed() {
    let dir = tempfile::TempDir::new().unwrap();
    source(dir.path(), &[]).load(NOW).unwrap();
    std::fs::remove_file(dir.path().join("ca-key.pem")).unwrap();
    source(dir.path(), &[]).load(NOW).unwrap();
    let missing = source(dir.path(), &["b.example"]).load(NOW).unwrap_err().to_string();
    assert!(missing.contains("ca-key.pem"), "{missing}");
}

#[test]
fn an_ended_ca_is_not_used() {
    let dir = tempfile::TempDir::new().unwrap();
    source(dir.path(), &[]).load(NOW).unwrap();
    let late = source(dir.path(), &[]).load(NOW.plus_ms(CA_DAYS * DAY_MS)).unwrap_err();
    assert!(matches!(late, TlsError::Expired(_)), "{late}");
}

#[test]
fn what_is_no_name_is_refused() {
    for bad in ["", "a b", "a..b", "-\u{e9}", "*.*.a", "a/b"] {
        assert!(Name::parse(bad).is_err(), "{bad:?}");
    }
    assert_eq!(Name::parse("[::1]").unwrap(), Name::Ip(Ipv6Addr::LOCALHOST.into()));
    assert_eq!(Name::parse("*.A.example").unwrap(), Name::Dns("*.a.example".to_owned()));
}
