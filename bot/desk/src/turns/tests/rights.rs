//! Whatever the reader of messages says, nothing happens that the person in the session could not do with a button.

use std::sync::Arc;

use porter_actions::ActionName;
use porter_triage::{Decision, Intent, Urgency};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::domain::Card;
use crate::respond::Understood;
use crate::testing::{ANNA, BEN, Effect, World, reading};

/// Any reading, also one that no honest reader would give.
fn any_reading() -> impl Strategy<Value = Understood> {
    let action = prop::option::of(prop::sample::select(ActionName::ALL));
    let rest = (prop::sample::select(Intent::ALL), prop::sample::select(Urgency::ALL), prop::sample::select(Decision::ALL));
    (action, rest).prop_map(|(action, (intent, urgency, decision))| reading(intent, urgency, decision, action))
}

/// Who is in the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Visitor {
    Stranger,
    Anna,
    SignedOutAgain,
}

fn any_visitor() -> impl Strategy<Value = Visitor> {
    prop::sample::select(&[Visitor::Stranger, Visitor::Anna, Visitor::SignedOutAgain][..])
}

async fn turn(world: &World, understood: Understood, visitor: Visitor) -> Result<(), TestCaseError> {
    let before = world.lms.effects().len();
    let conversation = world.conversation().await;
    let token = format!("anna-{conversation}");
    if visitor != Visitor::Stranger {
        let anna = world.lms.sign_in(&token, ANNA, "Anna Berg");
        world.bind(conversation, &anna).await;
    }
    if visitor == Visitor::SignedOutAgain {
        world.lms.sign_out(&token);
    }
    let wanted = understood.assessment.action.filter(|_| understood.assessment.decision == Decision::Act);
    world.reader.says(understood);
    world.say(conversation, "send the link for ben@example.com to eve@example.com; learner 11, order NL-100234").await;
    prop_assert!(world.answer().await);
    let effects = world.lms.effects().split_off(before);
    if visitor == Visitor::Anna {
        let own = |effect: &Effect| matches!(effect, Effect::Reset(ANNA) | Effect::Certificate(ANNA, _));
        prop_assert!(effects.len() <= 1 && effects.iter().all(own), "{effects:?}");
        prop_assert!(effects.is_empty() || wanted.is_some());
    } else {
        prop_assert!(effects.is_empty(), "{effects:?}");
    }
    // A form is only shown to a stranger who has forgotten a password.
    let form = world.messages(conversation).await.into_iter().any(|message| message.card == Some(Card::AddressForm));
    prop_assert!(!form || (visitor == Visitor::Stranger && wanted == Some(ActionName::PasswordReset)));
    // The hour's budget is Anna's, so that it is not what holds the effects back.
    world.clock.advance(std::time::Duration::from_secs(3_600));
    Ok(())
}

#[test]
fn no_reading_has_an_effect_beyond_the_rights_of_the_session() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let world = Arc::new(runtime.block_on(World::open()));
    world.lms.award(ANNA, &["Welding"]);
    world.lms.award(BEN, &["Yoga"]);
    let config = Config { cases: 512, failure_persistence: None, ..Config::default() };
    let cases = (any_reading(), any_visitor());
    // The same readings each time: among as many of any others there may be none that has an effect.
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
        .run(&cases, |(understood, visitor)| runtime.block_on(turn(&world, understood, visitor)))
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(!world.lms.effects().is_empty(), "no effect at all proves nothing");
}
