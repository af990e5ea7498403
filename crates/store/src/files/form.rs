//! Forms that upload to a bucket: the policy of a POST, signed with AWS's Signature Version 4. The
//! client of the bucket signs requests and URLs, but no forms.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use worksmith_kernel::{Error, FormSigner, FormTerms, Result, SignedForm};
use worksmith_wire::Timestamp;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Signs forms for one bucket, for as long as its credentials last.
pub(super) struct Signer {
    /// The URL to which forms are posted.
    pub(super) url: String,
    /// The name of the bucket.
    pub(super) bucket: String,
    /// The prefix of all keys of this server: empty, or ending with a slash.
    pub(super) prefix: String,
    /// The region of the bucket.
    pub(super) region: String,
    /// The id of the access key that signs.
    pub(super) key_id: String,
    /// The secret of that key.
    pub(super) secret: String,
    /// The session token of temporary credentials.
    pub(super) token: Option<String>,
    /// The largest file that the bucket accepts by these forms, in bytes.
    pub(super) bytes_max: u64,
}

impl FormSigner for Signer {
    fn sign(&self, terms: FormTerms<'_>) -> Result<SignedForm> {
        let signed_at = basic(terms.signed_at);
        let day = signed_at.split('T').next().unwrap_or_default();
        let credential = format!("{}/{day}/{}/s3/aws4_request", self.key_id, self.region);
        let mut fields = vec![
            ("key", format!("{}{}", self.prefix, terms.key)),
            ("success_action_redirect", terms.redirect.to_owned()),
            ("x-amz-algorithm", ALGORITHM.to_owned()),
            ("x-amz-credential", credential),
            ("x-amz-date", signed_at.clone()),
        ];
        fields.extend(self.token.clone().map(|token| ("x-amz-security-token", token)));
        // The bucket accepts the form only with exactly these values, and no others.
        let mut conditions: Vec<_> =
            fields.iter().map(|(name, value)| json!({*name: value})).collect();
        conditions.push(json!({ "bucket": self.bucket }));
        conditions.push(json!(["content-length-range", 0, self.bytes_max]));
        let policy = json!({
            "expiration": terms.expires_at.to_string(),
            "conditions": conditions,
        });
        let policy = STANDARD.encode(policy.to_string());
        let signature = signature(&self.secret, day, &self.region, &policy)?;
        fields.extend([("policy", policy), ("x-amz-signature", signature)]);
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Ok(SignedForm { url: self.url.clone(), fields })
    }
}

/// An instant as `20260101T120000Z`.
fn basic(at: Timestamp) -> String {
    let text = at.to_string();
    let seconds = text.split('.').next().unwrap_or_default();
    let mut basic: String = seconds.chars().filter(char::is_ascii_alphanumeric).collect();
    basic.push('Z');
    basic
}

/// The signature of a policy, by a key that is derived for one day, region and service.
fn signature(secret: &str, day: &str, region: &str, policy: &str) -> Result<String> {
    let mut key = format!("AWS4{secret}").into_bytes();
    for part in [day, region, "s3", "aws4_request"] {
        key = mac(&key, part)?;
    }
    Ok(hex::encode(mac(&key, policy)?))
}

fn mac(key: &[u8], text: &str) -> Result<Vec<u8>> {
    let mac = Hmac::<Sha256>::new_from_slice(key).map_err(Error::internal)?;
    Ok(mac.chain_update(text).finalize().into_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The policy, the secret and the signature of the example that AWS publishes for forms.
    #[test]
    fn the_published_example_is_signed_as_published() {
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let policy = "\
            eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6\
            IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRo\
            IiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAg\
            IHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5h\
            bWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwg\
            IiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUx\
            MjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0s\
            DQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16\
            LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3\
            czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwN\
            CiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9";
        assert_eq!(
            signature(secret, "20151229", "us-east-1", policy).unwrap(),
            "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"
        );
    }

    #[test]
    fn a_form_says_in_its_policy_what_it_says_in_its_fields() {
        let signer = Signer {
            url: "https://files.example.org/".to_owned(),
            bucket: "files".to_owned(),
            prefix: "worksmith/".to_owned(),
            region: "eu-west-1".to_owned(),
            key_id: "key".to_owned(),
            secret: "secret".to_owned(),
            token: Some("token".to_owned()),
            bytes_max: 1000,
        };
        let form = signer
            .sign(FormTerms {
                key: "uploads/a",
                signed_at: Timestamp(1_767_268_800_123),
                expires_at: Timestamp(1_767_269_700_123),
                redirect: "https://tracker.example.org/uploaded/a",
            })
            .unwrap();
        assert_eq!(form.url, "https://files.example.org/");
        let value = |name: &str| &form.fields.iter().find(|field| field.0 == name).unwrap().1;
        let policy = STANDARD.decode(value("policy")).unwrap();
        let policy: serde_json::Value = serde_json::from_slice(&policy).unwrap();
        let expected = json!({
            "expiration": "2026-01-01T12:15:00.123Z",
            "conditions": [
                {"key": "worksmith/uploads/a"},
                {"success_action_redirect": "https://tracker.example.org/uploaded/a"},
                {"x-amz-algorithm": "AWS4-HMAC-SHA256"},
                {"x-amz-credential": "key/20260101/eu-west-1/s3/aws4_request"},
                {"x-amz-date": "20260101T120000Z"},
                {"x-amz-security-token": "token"},
                {"bucket": "files"},
                ["content-length-range", 0, 1000],
            ],
        });
        assert_eq!(policy, expected);
        for condition in &expected["conditions"].as_array().unwrap()[..6] {
            let (name, expected) = condition.as_object().unwrap().iter().next().unwrap();
            assert_eq!(value(name), expected.as_str().unwrap());
        }
        assert_eq!(form.fields.last().unwrap().0, "x-amz-signature");
    }
}
