//! What the program says about itself.

use worksmith_tests::process::{command, run};

#[test]
fn every_help_ends_well_and_teaches_with_examples() {
    let commands = [
        &[][..],
        &["serve"],
        &["demo"],
        &["token"],
        &["webhooks"],
        &["import"],
        &["import", "github"],
        &["check"],
        &["export"],
        &["backup"],
        &["restore"],
    ];
    for arguments in commands {
        let mut with_help = arguments.to_vec();
        with_help.push("--help");
        let ended = run(&mut command(&with_help));
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(ended.stdout.contains("Examples:\n  "), "{}", ended.stdout);
        assert!(ended.stdout.contains("WORKSMITH_DATA_DIR") || arguments.is_empty());
    }
    let ended = run(&mut command(&["move", "--help"]));
    assert!(ended.stdout.contains("Examples:\n  worksmith move --from sqlite:"), "{ended:?}");
    assert!(ended.stdout.contains("WORKSMITH_MOVE_FROM"), "{ended:?}");
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    for arguments in [
        &["serve", "--tls-cert", "a.pem"][..],
        &["serve", "--tls-cert", "a.pem", "--tls-key", "b.pem", "--tls-self-signed"],
        &["serve", "--tls-name", "a.example"],
        &["serve", "--listen", "somewhere"],
        &["serve", "--base-url", "somewhere"],
        &["nothing"],
    ] {
        let ended = run(&mut command(arguments));
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.starts_with("error: "), "{}", ended.stderr);
    }
}

#[test]
fn a_log_level_that_is_none_is_refused() {
    let ended = run(&mut command(&["serve", "--log-level", "a=b=c"]));
    assert!(ended.sentence().starts_with("--log-level \"a=b=c\""), "{ended:?}");
}
