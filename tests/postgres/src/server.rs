//! Databases on a running server.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::path::{Path, PathBuf};

use tokio_postgres::{Error, NoTls, SimpleQueryMessage};

/// The rows of an answer, every value as text.
pub type Rows = Vec<Vec<Option<String>>>;

/// The owner of the databases, which is not a superuser.
pub(crate) const OWNER: &str = "worksmith";
/// The user that creates and drops them.
pub(crate) const SUPERUSER: &str = "postgres";

/// A server that listens on a socket in a folder; others may use it, too.
#[derive(Clone, Debug)]
pub struct Server(PathBuf);

impl Server {
    /// The one that listens in `folder`.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// The folder of its socket.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// How to reach a database as its owner.
    pub fn url(&self, database: &str) -> String {
        self.url_as(OWNER, database)
    }

    /// How to reach a database as the superuser.
    pub fn superuser_url(&self, database: &str) -> String {
        self.url_as(SUPERUSER, database)
    }

    /// The socket is given as the host, so that no client tries TCP first.
    fn url_as(&self, user: &str, database: &str) -> String {
        let folder = self.0.to_str().expect("a path in UTF-8");
        let encoded = |byte: u8| match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        };
        let host: String = folder.bytes().map(encoded).collect();
        format!("postgres://{user}@{host}/{database}")
    }

    /// Creates an empty database with an unused name.
    pub fn create_database(&self) -> String {
        self.create_database_from("template0")
    }

    /// Creates a copy of another database, to which nobody may be connected.
    pub fn create_database_from(&self, template: &str) -> String {
        // Each RandomState is different, in each process.
        let name = format!("test_{:016x}", RandomState::new().build_hasher().finish());
        // Copying its files takes 6 ms here, and writing them to the log takes 15.
        self.administer(&format!(
            "CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template} STRATEGY file_copy"
        ));
        name
    }

    /// Drops a database, whoever is connected to it.
    pub fn drop_database(&self, name: &str) {
        self.administer(&format!("DROP DATABASE {name} WITH (FORCE)"));
    }

    /// A database that is dropped with what is returned.
    pub fn database(&self) -> Database {
        Database { server: self.clone(), name: self.create_database() }
    }

    /// A copy of the database with this name. Whoever finds none prepares an empty one, given how
    /// to reach it, and gives it the name; nobody connects to it after that.
    pub async fn prepared(&self, name: &str, prepare: impl AsyncFnOnce(String)) -> Database {
        if !self.has_database(name) {
            let made = self.create_database();
            prepare(self.url(&made)).await;
            self.rename(&made, name);
        }
        Database { server: self.clone(), name: self.create_database_from(name) }
    }

    fn has_database(&self, name: &str) -> bool {
        let sql = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
        !self.administer(&sql).is_empty()
    }

    /// Gives a database a name, or drops it if another process has been faster.
    fn rename(&self, from: &str, to: &str) {
        // Connections that were closed may not have ended yet.
        let end = "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity";
        self.administer(&format!("{end} WHERE datname = '{from}'"));
        let renamed = format!("ALTER DATABASE {from} RENAME TO {to}");
        if let Err(error) = ask(&self.superuser_url(SUPERUSER), &renamed) {
            assert!(self.has_database(to), "{renamed}: {error:?}");
            self.drop_database(from);
        }
    }

    /// Writes everything that is in memory to the files.
    pub fn checkpoint(&self) {
        self.administer("CHECKPOINT");
    }

    fn administer(&self, sql: &str) -> Rows {
        ask(&self.superuser_url(SUPERUSER), sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"))
    }
}

/// A database that is dropped together with this.
#[derive(Debug)]
pub struct Database {
    server: Server,
    name: String,
}

impl Database {
    /// How to reach it.
    pub fn url(&self) -> String {
        self.server.url(&self.name)
    }

    /// A copy of it. Nobody may be connected to it meanwhile.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self { server: self.server.clone(), name: self.server.create_database_from(&self.name) }
    }

    /// Runs statements in it, and returns all rows of all of them.
    pub fn ask(&self, sql: &str) -> Rows {
        ask(&self.url(), sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // The server may be gone, and the database with it; and a failed test must show its own
        // failure.
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let _ = ask(&self.server.superuser_url(SUPERUSER), &drop);
    }
}

/// Runs statements on a connection of their own, from anywhere: the calling thread may belong to a
/// runtime in which blocking is impossible, so this uses a thread and a runtime of its own.
pub(crate) fn ask(url: &str, sql: &str) -> Result<Rows, Error> {
    let asking = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
            let connection = tokio::spawn(connection);
            let messages = client.simple_query(sql).await?;
            drop(client);
            let _ = connection.await;
            Ok(messages.into_iter().filter_map(row).collect())
        })
    };
    std::thread::scope(|scope| scope.spawn(asking).join().expect("an answer"))
}

fn row(message: SimpleQueryMessage) -> Option<Vec<Option<String>>> {
    let SimpleQueryMessage::Row(row) = message else { return None };
    Some((0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect())
}
