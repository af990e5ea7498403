//! An S3 server in this process, with a bucket in a temporary folder. It verifies the signatures of
//! requests, addresses and forms, and the policies of forms, with code that is not ours.

use std::net::SocketAddr;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use worksmith_store::{Files, FilesPlace};

/// The only bucket.
pub const BUCKET: &str = "files";
/// The prefix of our keys in it.
pub const PREFIX: &str = "some/where";

/// The server.
pub struct S3 {
    folder: TempDir,
    /// Where it listens.
    pub address: SocketAddr,
    serving: JoinHandle<()>,
}

impl S3 {
    /// Starts a server with an empty bucket.
    pub async fn start() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        std::fs::create_dir(folder.path().join(BUCKET)).expect("a bucket");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let serving = serve(&folder, listener);
        Self { folder, address, serving }
    }

    /// Stops it, with all connections. The contents of the bucket stay.
    pub async fn stop(&mut self) {
        self.serving.abort();
        assert!((&mut self.serving).await.is_err_and(|ended| ended.is_cancelled()));
    }

    /// Starts it again at the same address.
    pub async fn start_again(&mut self) {
        let listener = TcpListener::bind(self.address).await.expect("the port again");
        self.serving = serve(&self.folder, listener);
    }

    /// The environment variables for it.
    pub fn variables(&self) -> Vec<(String, String)> {
        let endpoint = format!("http://{}", self.address);
        [
            ("AWS_ACCESS_KEY_ID", "key-of-a-test"),
            ("AWS_SECRET_ACCESS_KEY", "secret-of-a-test"),
            ("AWS_REGION", "eu-test-1"),
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("AWS_ALLOW_HTTP", "true"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    /// The bucket, as a server opens it.
    pub async fn files(&self) -> Files {
        crate::provide_tls();
        let place = FilesPlace::Bucket { name: BUCKET.to_owned(), prefix: PREFIX.to_owned() };
        Files::open(&place, self.variables()).await.expect("a bucket")
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn serve(folder: &TempDir, listener: TcpListener) -> JoinHandle<()> {
    let objects = FileSystem::new(folder.path()).expect("a folder for objects");
    let mut service = S3ServiceBuilder::new(objects);
    service.set_auth(SimpleAuth::from_single("key-of-a-test", "secret-of-a-test"));
    let service = service.build();
    tokio::spawn(async move {
        let http = Builder::new(TokioExecutor::new());
        // The connections end with this task.
        let mut connections = JoinSet::new();
        while let Ok((socket, _)) = listener.accept().await {
            let connection = http.serve_connection(TokioIo::new(socket), service.clone());
            let connection = connection.into_owned();
            connections.spawn(async move { drop(connection.await) });
        }
    })
}
