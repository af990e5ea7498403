//! The program with its files in a bucket: how it starts, and how it fails to.

use std::path::Path;
use std::process::Command;

use reqwest::multipart::{Form, Part};
use serde_json::json;
use tempfile::TempDir;
use worksmith_tests::process::{Running, command, run};
use worksmith_tests::s3::S3;
use worksmith_tests::{Redirects, http_client};

/// `worksmith COMMAND` with variables of a bucket, and none of this test's own.
fn with(name: &str, data: &Path, url: &str, variables: &[(String, String)]) -> Command {
    let mut command = command(&[name, "--listen", "127.0.0.1:0", "--artifacts", url]);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_") {
            command.env_remove(name);
        }
    }
    command.arg("--data-dir").arg(data).envs(variables.iter().cloned());
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn files_go_to_the_bucket_that_the_command_line_names() {
    let bucket = S3::start().await;
    for (name, more, is_direct) in
        [("serve", &[][..], true), ("demo", &["--artifacts-through-server"], false)]
    {
        let dir = TempDir::new().unwrap();
        let mut command = with(name, dir.path(), "s3://files/a/b", &bucket.variables());
        command.args(more);
        let server = Running::start(command);
        let request = json!({"file_name": "a.txt", "file_type": "text/plain"});
        let (status, _, prepared) = server.call("artifacts.prepare", &request);
        assert_eq!(status, 200, "{prepared}");
        let url = prepared["url"].as_str().unwrap();
        let there = format!("http://{}/files", bucket.address);
        assert_eq!(url == there, is_direct, "{prepared}");
        let mut form = Form::new();
        for field in prepared["form_data"].as_array().unwrap() {
            let text = |name: &str| field[name].as_str().unwrap().to_owned();
            form = form.text(text("key"), text("value"));
        }
        let form = form.part("file", Part::text("some text"));
        let client = http_client(Redirects::Follow);
        let sent = client.post(url).multipart(form).send().await.unwrap();
        assert_eq!(sent.status(), 204);
        let (_, _, located) = server.call("artifacts.locate", &json!({"id": prepared["id"]}));
        let got = client.get(located["url"].as_str().unwrap()).send().await.unwrap();
        assert_eq!(got.url().as_str().starts_with(&there), is_direct);
        assert_eq!(got.text().await.unwrap(), "some text");
        assert!(!dir.path().join("artifacts").exists(), "nothing is kept here");
    }
}

#[test]
fn a_folder_can_be_anywhere() {
    let (data, files) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let folder = files.path().join("a b");
    let url = format!("file://{}/a%20b", files.path().display());
    let server = Running::start(with("serve", data.path(), &url, &[]));
    let prepared = server.call("artifacts.prepare", &json!({"file_name": "a.txt"}));
    assert_eq!(prepared.0, 200);
    assert!(folder.is_dir() && !data.path().join("artifacts").exists());
}

#[test]
fn what_is_no_place_for_files_is_refused() {
    let dir = TempDir::new().unwrap();
    for bad in ["files", "s3://", "s3://A", "https://files.example", "s3://files?region=x"] {
        let ended = run(&mut with("serve", dir.path(), bad, &[]));
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.starts_with("error: invalid value"), "{}", ended.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_cant_be_used_ends_the_start_with_a_sentence() {
    let bucket = S3::start().await;
    let dir = TempDir::new().unwrap();
    let endpoint = format!("http://{}", bucket.address);
    let altered = |name: &str, value: Option<&str>| {
        let mut variables = bucket.variables();
        variables.retain(|variable| variable.0 != name);
        variables.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        variables
    };
    // Nobody listens at port 1.
    let nobody = "http://127.0.0.1:1";
    let mut anonymous = altered("AWS_ACCESS_KEY_ID", None);
    anonymous.retain(|variable| variable.0 != "AWS_SECRET_ACCESS_KEY");
    anonymous.push(("AWS_METADATA_ENDPOINT".to_owned(), nobody.to_owned()));
    for (url, variables, why) in [
        ("s3://other", bucket.variables(), format!("{endpoint} has no bucket other")),
        (
            "s3://files",
            altered("AWS_SECRET_ACCESS_KEY", Some("wrong")),
            format!("{endpoint} refuses to list it: SignatureDoesNotMatch"),
        ),
        (
            "s3://files",
            altered("AWS_SECRET_ACCESS_KEY", None),
            "Missing SecretAccessKey".to_owned(),
        ),
        (
            "s3://files",
            anonymous,
            "there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".to_owned(),
        ),
        (
            "s3://files",
            altered("AWS_ENDPOINT_URL", Some(nobody)),
            format!("{nobody} does not answer as S3 does: "),
        ),
        (
            "s3://files",
            altered("AWS_ALLOW_HTTP", None),
            format!("{endpoint} does not answer as S3 does: "),
        ),
    ] {
        let ended = run(&mut with("serve", dir.path(), url, &variables));
        let name = url.trim_start_matches("s3://");
        let expected = format!("the bucket {name} can't be used for files: {why}");
        assert!(ended.sentence().starts_with(&expected), "{ended:?}");
    }
}

#[test]
fn a_bucket_is_reached_by_tls_with_certificates_that_are_checked() {
    let (there, here) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    // It is not a bucket, but it speaks TLS, and has none of a bucket's paths.
    let server = Running::serve(there.path(), &["--tls-self-signed"]);
    let variables = |more: Option<(&str, String)>| {
        let mut variables: Vec<_> = [
            ("AWS_ACCESS_KEY_ID", "key".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "secret".to_owned()),
            ("AWS_ENDPOINT_URL", server.url.clone()),
        ]
        .into();
        variables.extend(more);
        variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Vec<_>>()
    };
    let start = |variables: Vec<(String, String)>| {
        run(&mut with("serve", here.path(), "s3://files", &variables))
    };
    let unknown = start(variables(None));
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    // The verifier of certificates logs a line of its own.
    let sentence = unknown.stderr.lines().last().unwrap_or_default();
    assert!(sentence.ends_with("invalid peer certificate: UnknownIssuer"), "{unknown:?}");
    let ca = there.path().join("tls/ca.pem").display().to_string();
    let known = start(variables(Some(("SSL_CERT_FILE", ca))));
    assert!(known.sentence().contains("404 Not Found"), "{known:?}");
}
