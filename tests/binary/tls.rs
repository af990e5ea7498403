//! HTTPS: self-made certificates, given ones, and wrong ones.

use std::process::Command;

use tempfile::TempDir;
use worksmith_tests::process::{Running, command, run};

/// What a client sees that trusts only the server's own CA.
fn is_alive(server: &Running, data: &TempDir, name: &str) -> bool {
    let address = server.address();
    let (ip, port) = (address.ip(), address.port());
    let asked = Command::new("curl")
        .args(["-sS", "--noproxy", "*", "--resolve", &format!("{name}:{port}:{ip}"), "--cacert"])
        .arg(data.path().join("tls/ca.pem"))
        .arg(format!("https://{name}:{port}/healthz"))
        .output()
        .expect("curl");
    asked.stdout == b"ok\n"
}

#[test]
fn clients_that_trust_the_ca_are_served_across_starts_and_names() {
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("skipped: there is no curl here");
        return;
    }
    let dir = TempDir::new().unwrap();
    let server = Running::serve(dir.path(), &["--tls-self-signed"]);
    assert!(server.url.starts_with("https://127.0.0.1:"), "{}", server.url);
    assert!(server.stdout().contains("tls/ca.pem"), "{}", server.stdout());
    assert!(is_alive(&server, &dir, "localhost"));
    assert!(is_alive(&server, &dir, "127.0.0.1"));
    assert!(!is_alive(&server, &dir, "api.devrev.ai"));
    let ca = std::fs::read(dir.path().join("tls/ca.pem")).unwrap();
    drop(server);
    let server = Running::serve(dir.path(), &["--tls-self-signed", "--tls-name", "api.devrev.ai"]);
    assert!(is_alive(&server, &dir, "api.devrev.ai"));
    assert_eq!(ca, std::fs::read(dir.path().join("tls/ca.pem")).unwrap());
}

#[test]
fn wrong_certificates_are_named() {
    let dir = TempDir::new().unwrap();
    let other = TempDir::new().unwrap();
    drop(Running::serve(dir.path(), &["--tls-self-signed"]));
    drop(Running::serve(other.path(), &["--tls-self-signed"]));
    let (certificate, key) = (dir.path().join("tls/cert.pem"), dir.path().join("tls/key.pem"));
    let foreign = other.path().join("tls/key.pem");
    let garbage = dir.path().join("garbage.pem");
    std::fs::write(&garbage, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        .unwrap();
    let empty = dir.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let missing = dir.path().join("missing.pem");
    let cases = [
        (&certificate, &foreign, "the key ", "does not belong to the certificate"),
        (&garbage, &key, "the TLS file ", "garbage.pem can't be used: "),
        (&empty, &key, "the TLS file ", "empty.pem can't be used: "),
        (&certificate, &empty, "the TLS file ", "empty.pem can't be used: "),
        (&missing, &key, "the TLS file ", "missing.pem can't be used: No such file"),
        (&key, &certificate, "the TLS file ", "key.pem can't be used: "),
    ];
    for (certificate, key, start, part) in cases {
        let mut command = command(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
        command.arg(dir.path()).arg("--tls-cert").arg(certificate).arg("--tls-key").arg(key);
        let ended = run(&mut command);
        assert!(ended.sentence().starts_with(start), "{ended:?}");
        assert!(ended.sentence().contains(part), "{ended:?}");
    }
}

#[test]
fn a_name_that_is_none_is_refused() {
    let dir = TempDir::new().unwrap();
    let mut command = command(&["serve", "--listen", "127.0.0.1:0", "--tls-self-signed"]);
    command.args(["--tls-name", "two words", "--data-dir"]).arg(dir.path());
    assert!(run(&mut command).sentence().starts_with("\"two words\" is no DNS name"));
}
