//! The PostgreSQL of the tests: its data survives a kill, and nothing of it remains when the test
//! is gone.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use worksmith_test_postgres::{Cluster, Options, available, shared};

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn what_was_committed_is_there_after_a_kill_and_a_stop() {
    if !available() {
        return;
    }
    let mut cluster = Cluster::start_with(Options { fsync: true, ..Options::default() });
    let database = cluster.database();
    database.ask("CREATE TABLE kept (n bigint); INSERT INTO kept VALUES (1)");
    let killed = cluster.postmaster().expect("a process");
    cluster.kill9();
    assert!(!PathBuf::from(format!("/proc/{killed}")).exists());
    cluster.start_again();
    database.ask("INSERT INTO kept VALUES (2)");
    cluster.stop();
    cluster.start_again();
    let kept = database.ask("SELECT n FROM kept ORDER BY n");
    assert_eq!(kept, [[Some("1".to_owned())], [Some("2".to_owned())]]);
}

#[tokio::test]
async fn a_prepared_database_is_made_once_and_copied() {
    if !available() {
        return;
    }
    let cluster = Cluster::start();
    let (mut made, mut clients) = (0, Vec::new());
    for n in 1..=3 {
        let database = cluster.prepared("prepared", async |url: String| {
            made += 1;
            let (client, connection) =
                tokio_postgres::connect(&url, tokio_postgres::NoTls).await.expect("a connection");
            tokio::spawn(connection);
            client.batch_execute("CREATE TABLE things (n bigint)").await.expect("a table");
            // It is connected until that is ended from the other side.
            clients.push(client);
        });
        let database = database.await;
        database.ask(&format!("INSERT INTO things VALUES ({n})"));
        assert_eq!(database.ask("SELECT n FROM things"), [[Some(n.to_string())]]);
    }
    assert_eq!(made, 1);
}

#[test]
fn every_database_is_a_fresh_one_of_a_user_without_rights() {
    let Some(server) = shared() else { return };
    let (one, other) = (server.database(), server.database());
    one.ask("CREATE TABLE things ()");
    other.ask("CREATE TABLE things ()");
    let rights = one.ask(
        "SELECT rolsuper OR rolcreatedb OR rolcreaterole, current_setting('server_encoding'), \
         datcollate FROM pg_roles, pg_database WHERE rolname = current_user \
         AND datname = current_database()",
    );
    assert_eq!(rights, [["f", "UTF8", "C"].map(|value| Some(value.to_owned()))]);
    let names = "SELECT datname FROM pg_database WHERE datname = current_database()";
    let name = one.ask(names)[0][0].clone().expect("a name");
    let copy = server.create_database_from(&name);
    server.drop_database(&copy);
    drop(one);
    let left = format!("SELECT count(*) FROM pg_database WHERE datname IN ('{name}', '{copy}')");
    assert_eq!(server.database().ask(&left), [[Some("0".to_owned())]]);
}

#[test]
fn nothing_is_left_when_the_process_that_started_it_is_killed() {
    if !available() {
        return;
    }
    let mut process = Command::new(env!("CARGO_BIN_EXE_worksmith-test-postgres"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut line = String::new();
    BufReader::new(process.stdout.take().expect("its output"))
        .read_line(&mut line)
        .expect("a line");
    let folder = PathBuf::from(line.trim());
    let said = fs::read_to_string(folder.join("data/postmaster.pid")).expect("its process");
    let postmaster = PathBuf::from("/proc").join(said.lines().next().expect("an id"));
    assert!(postmaster.exists());
    process.kill().expect("a kill");
    process.wait().expect("its end");
    wait_until("the server goes", || !postmaster.exists());
    wait_until("its folder goes", || !folder.exists());
}
