//! A bucket of S3 or of a service that speaks its protocol. Credentials and endpoint come from the
//! usual variables: `AWS_ACCESS_KEY_ID`, `AWS_REGION`, `AWS_ENDPOINT_URL` and so on.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::path::Path as Key;
use object_store::prefix::PrefixStore;
use object_store::signer::{Method, SignedUrlOptions, Signer as _};
use object_store::{ClientOptions, ObjectStore, RetryConfig};
use worksmith_kernel::{Error, FormSigner, Result};

use super::form::Signer;

/// A server that accepts no connection in this time is down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the store may be silent. The whole answer has no time limit, since clients that read
/// slowly make it long.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// A client waits for the retries, and can retry on its own.
const RETRIES_MAX: usize = 2;
/// No retry begins after this time.
const RETRY_TIMEOUT: Duration = Duration::from_secs(10);
/// The region if none is named; it is the default of the store's client.
const REGION: &str = "us-east-1";

const NO_CREDENTIALS: &str =
    "there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";

/// Which file a download address leads to, and how it is served.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The key of the file.
    pub key: &'a str,
    /// Whether the address is for HEAD rather than GET; the method is signed, too.
    pub is_head: bool,
    /// The `Content-Type` of the response.
    pub media_type: &'a str,
    /// The `Content-Disposition` of the response.
    pub disposition: &'a str,
}

#[derive(Clone, Debug)]
pub(super) struct Bucket {
    name: String,
    prefix: Key,
    region: String,
    client: AmazonS3,
}

impl Bucket {
    /// Takes the variables of the environment, and checks that the bucket answers.
    pub(super) async fn open(
        name: &str,
        prefix: &str,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, String> {
        let options = ClientOptions::new()
            .with_timeout_disabled()
            .with_connect_timeout(CONNECT_TIMEOUT)
            .with_read_timeout(READ_TIMEOUT);
        let retry = RetryConfig {
            max_retries: RETRIES_MAX,
            retry_timeout: RETRY_TIMEOUT,
            ..RetryConfig::default()
        };
        let mut builder = AmazonS3Builder::new().with_client_options(options).with_retry(retry);
        for (variable, value) in variables {
            let key = variable.strip_prefix("AWS_").map(|_| variable.to_ascii_lowercase());
            if let Some(key) = key.and_then(|key| key.parse().ok()) {
                builder = builder.with_config(key, value);
            }
        }
        let builder = builder.with_bucket_name(name);
        let value = |key| builder.get_config_value(&key);
        let has_credentials = [
            AmazonS3ConfigKey::AccessKeyId,
            AmazonS3ConfigKey::WebIdentityTokenFile,
            AmazonS3ConfigKey::ContainerCredentialsRelativeUri,
            AmazonS3ConfigKey::ContainerCredentialsFullUri,
        ]
        .into_iter()
        .any(|key| value(key).is_some());
        let region = value(AmazonS3ConfigKey::Region).unwrap_or_else(|| REGION.to_owned());
        let endpoint = value(AmazonS3ConfigKey::S3Endpoint)
            .or_else(|| value(AmazonS3ConfigKey::Endpoint))
            .unwrap_or_else(|| format!("AWS in {region}"));
        let prefix = Key::from(prefix);
        // At the start of a server, a fault should show at once.
        let at_once = RetryConfig { max_retries: 0, ..RetryConfig::default() };
        let probe = builder.clone().with_retry(at_once).build().map_err(|cause| root(&cause))?;
        if let Some(Err(cause)) = probe.list(Some(&prefix)).next().await {
            let text = root(&cause);
            return Err(match code(&text) {
                Some("NoSuchBucket") => format!("{endpoint} has no bucket {name}"),
                Some(code) => format!("{endpoint} refuses to list it: {code}"),
                None if !has_credentials => NO_CREDENTIALS.to_owned(),
                None => format!("{endpoint} does not answer as S3 does: {text}"),
            });
        }
        let client = builder.build().map_err(|cause| root(&cause))?;
        Ok(Self { name: name.to_owned(), prefix, region, client })
    }

    /// The objects below the prefix.
    pub(super) fn into_objects(self) -> Arc<dyn ObjectStore> {
        Arc::new(PrefixStore::new(self.client, self.prefix))
    }

    fn full(&self, key: &str) -> Key {
        self.prefix.parts().chain(Key::from(key).parts()).collect()
    }

    /// What signs forms with the current credentials.
    pub(super) async fn signer(&self, bytes_max: u64) -> Result<Arc<dyn FormSigner>> {
        let credentials = self.client.credentials().get_credential().await;
        let credential = credentials.map_err(Error::unavailable)?;
        // The style of the bucket's address depends on many variables, which the client evaluates.
        let probe = Key::from("x");
        let no_time = Duration::from_secs(1);
        let url = self.client.signed_url(Method::POST, &probe, no_time).await;
        let mut url = url.map_err(Error::unavailable)?;
        url.set_query(None);
        let path = url.path().strip_suffix("/x").unwrap_or_default().to_owned();
        url.set_path(&path);
        let prefix = match self.prefix.as_ref() {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        };
        Ok(Arc::new(Signer {
            url: url.into(),
            bucket: self.name.clone(),
            prefix,
            region: self.region.clone(),
            key_id: credential.key_id.clone(),
            secret: credential.secret_key.clone(),
            token: credential.token.clone(),
            bytes_max,
        }))
    }

    /// A signed address at which the bucket itself serves the file.
    pub(super) async fn address(&self, shown: Shown<'_>, good_for: Duration) -> Result<String> {
        let Shown { key, is_head, media_type, disposition } = shown;
        let options = SignedUrlOptions::default().with_query([
            ("response-content-type", media_type),
            ("response-content-disposition", disposition),
            ("response-cache-control", "private"),
        ]);
        let method = if is_head { Method::HEAD } else { Method::GET };
        let url = self.client.signed_url_opts(method, &self.full(key), good_for, &options).await;
        Ok(url.map_err(Error::unavailable)?.into())
    }
}

/// The innermost cause, which says the most in the fewest words.
fn root(cause: &object_store::Error) -> String {
    let mut innermost = cause.source();
    let mut text = cause.to_string();
    while let Some(cause) = innermost {
        text = cause.to_string();
        innermost = cause.source();
    }
    text.lines().next().unwrap_or_default().to_owned()
}

/// The code by which S3 names the fault.
fn code(text: &str) -> Option<&str> {
    Some(text.split_once("<Code>")?.1.split_once("</Code>")?.0)
}
