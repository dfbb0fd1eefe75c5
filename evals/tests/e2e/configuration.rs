//! What is set where, and what a mistake is answered with.

use crate::harness::{Home, Launch, run};

#[test]
fn a_bad_field_is_named_with_its_place_and_a_good_file_passes() {
    let home = Home::empty();
    let good = home.write("good.toml", "listen = \"127.0.0.1:9999\"\n[academy]\nname = \"Riverside\"\n");
    let good = good.display().to_string();
    run(home.path(), &["config", "check", "--config", &good]).exits(0);
    let shown = run(home.path(), &["config", "show", "--config", &good]).exits(0);
    assert!(shown.out.contains("127.0.0.1:9999") && shown.out.contains("Riverside"), "{shown}");

    let bad = home.write("bad.toml", "listen = \"nowhere\"\n[widget]\nsecure_cookies = \"perhaps\"\n[log]\nfromat = \"json\"\n");
    let bad = bad.display().to_string();
    let told = run(home.path(), &["config", "check", "--config", &bad]).exits(2);
    // All of them at once, the unknown key too, each with the file.
    let told = told.tells(&["listen", "widget.secure_cookies", "log.fromat"]);
    assert!(told.err.matches("bad.toml").count() >= 3, "{told}");
    let started = run(home.path(), &["up", "--config", &bad]).exits(2);
    started.tells(&["widget.secure_cookies"]);

    let absent = run(home.path(), &["config", "check", "--config", "absent.toml"]).exits(2);
    absent.tells(&["absent.toml"]);
}

#[test]
fn the_environment_overrides_the_file_and_the_command_line_both() {
    let home = Home::empty();
    home.write("porter.toml", "listen = \"127.0.0.1:7001\"\n[academy]\nname = \"From the file\"\nsupport_hours = \"always\"\n");
    let shown = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = crate::harness::command(home.path());
        command.args(["config", "show"]).args(arguments).envs(variables.iter().copied());
        crate::harness::Done::of(command.output().expect("running porter"))
    };
    let file = shown(&[], &[]).exits(0);
    assert!(file.out.contains("7001") && file.out.contains("From the file"), "{file}");
    let variables = [("PORTER_LISTEN", "127.0.0.1:7002"), ("PORTER_ACADEMY__NAME", "From the environment")];
    let environment = shown(&variables, &[]).exits(0);
    assert!(environment.out.contains("7002") && environment.out.contains("From the environment"), "{environment}");
    assert!(environment.out.contains("always"), "what the environment does not say stays: {environment}");
    let line = shown(&variables, &["--listen", "127.0.0.1:7003"]).exits(0);
    assert!(line.out.contains("7003") && !line.out.contains("7002"), "{line}");

    let unknown = shown(&[("PORTER_ACADEMY__NMAE", "x")], &[]).exits(2);
    unknown.tells(&["academy.nmae", "PORTER_ACADEMY__NMAE"]);
}

#[test]
fn a_log_filter_that_is_none_is_refused() {
    let home = Home::empty();
    let ended = Launch::at(&home).env("PORTER_LOG__FILTER", "porter=loudly").run_to_the_end().exits(2);
    ended.tells(&["PORTER_LOG__FILTER"]);
}
