//! What operators see: counts and log lines, with nothing about anybody in them.

use std::fmt::{self, Write as _};
use std::sync::Mutex;

use porter_kernel::telemetry::recorder_for_tests;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::*;
use crate::AddressForm;

/// Every event with all of its fields, as one text.
#[derive(Debug, Clone, Default)]
struct Lines(Arc<Mutex<String>>);

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("porter_actions")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        struct All<'a>(&'a mut String);
        impl Visit for All<'_> {
            fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
                write!(self.0, "{}={value:?} ", field.name()).unwrap();
            }
        }
        let mut lines = self.0.lock().unwrap();
        event.record(&mut All(&mut lines));
        lines.push('\n');
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Runs a story on one thread, with its own metrics and log.
fn observed(story: impl AsyncFnOnce(Bench)) -> (String, String) {
    let (recorder, handle) = recorder_for_tests();
    let lines = Lines::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    metrics::with_local_recorder(&recorder, || {
        tracing::subscriber::with_default(lines.clone(), || {
            runtime.block_on(async {
                let db = porter_testkit::databases(porter_testkit::Engine::Sqlite).await;
                story(Bench::open(db).await).await;
            });
        });
    });
    let lines = lines.0.lock().unwrap().clone();
    (handle.render(), lines)
}

#[test]
fn every_end_is_counted_and_logged_without_personal_data() {
    let (metrics, lines) = observed(async |bench| {
        bench.desk.lms.certify("Yoga", YOGA);
        let form = AddressForm::parse("anna@example.com").unwrap();
        bench.actions.reset_by_form(&form, at(1)).await.unwrap();
        bench.run(ActionName::CertificateResend, 2).await.unwrap();
        bench.run(ActionName::CertificateResend, 2).await.unwrap();
        bench.run(ActionName::RefundStatus, 3).await.unwrap();
        bench.desk.lms.trouble(Trouble::After);
        bench.run(ActionName::PasswordReset, 4).await.unwrap_err();
        let anna = bench.desk.anna().await;
        bench.desk.lms.be_down(true);
        bench.actions.run(&anna, ActionName::RefundStatus, About::default(), at(5)).await.unwrap_err();
        bench.actions.identify(&token("anna")).await.unwrap_err();
    });
    for line in [
        r#"porter_actions_total{action="password_reset",outcome="done"} 1"#,
        r#"porter_actions_total{action="certificate_resend",outcome="done"} 2"#,
        r#"porter_actions_total{action="refund_status",outcome="explained"} 1"#,
        r#"porter_actions_total{action="password_reset",outcome="unclear"} 1"#,
        r#"porter_actions_total{action="refund_status",outcome="unavailable"} 1"#,
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
    assert_eq!(lines.lines().filter(|line| line.contains("action=")).count(), 6, "{lines}");
    let learner = Uuid::from_u128(0x1ea1).to_string();
    for word in ["anna", "@", "example.com", "Yoga", learner.as_str()] {
        assert!(!lines.contains(word), "{word} in the log:\n{lines}");
    }
}

#[test]
fn what_may_not_be_seen_does_not_print_itself() {
    let form = AddressForm::parse("anna@example.com").unwrap();
    let lms = crate::HttpLms::new("http://127.0.0.1:9", "top-secret").unwrap();
    let principal = anna();
    let printed = format!("{form:?} {lms:?} {principal:?} {:?}", principal.token());
    for word in ["anna", "Anna", "top-secret", "127.0.0.1"] {
        assert!(!printed.contains(word), "{printed}");
    }
}

fn anna() -> Principal {
    let clock = ManualClock::default();
    Principal::vouched(Uuid::from_u128(0x1ea1), "Anna".to_owned(), porter_kernel::clock::Clock::now(&clock), token("anna-token"))
}
