use porter_actions::ActionName;
use porter_kernel::ids::SequentialIds;
use porter_knowledge_base::Extract;
use porter_triage::{Candidate, Decision, Intent, Reason, Urgency};

use crate::domain::{BotReply, Card};
use crate::respond::Understood;
use crate::testing::{reading, wants};
use crate::texts;
use crate::turns::plan::{Answer, Plan, Session, plan_for};

const SESSIONS: [Session; 3] = [Session::SignedOut, Session::RanOut, Session::Known];

fn plan(understood: &Understood, session: Session) -> Plan {
    plan_for(understood, "please do it, zanzibar", session, false, &SequentialIds::default())
}

fn said(plan: Plan) -> BotReply {
    match plan {
        Plan::Answer(Answer::Reply { pieces, reply }) => {
            assert_eq!(pieces.join(" "), reply.text);
            *reply
        }
        other => panic!("not a reply: {other:?}"),
    }
}

fn is_hand_off(plan: &Plan) -> bool {
    matches!(plan, Plan::Answer(Answer::HandOff { .. }))
}

#[test]
fn a_forgotten_password_is_the_one_thing_that_a_stranger_can_ask_for_by_form() {
    for action in ActionName::ALL {
        let reply = said(plan(&wants(*action), Session::SignedOut));
        if *action == ActionName::PasswordReset {
            assert_eq!((reply.text.as_str(), reply.card), (texts::ADDRESS_FORM, Some(Card::AddressForm)));
        } else {
            assert_eq!((reply.text.as_str(), reply.card), (texts::SIGN_IN, Some(Card::SignIn)));
            assert!(reply.offer_person);
        }
    }
}

#[test]
fn who_is_known_gets_it_done_and_whose_sign_in_ran_out_is_asked_again() {
    for action in ActionName::ALL {
        assert_eq!(plan(&wants(*action), Session::Known), Plan::Act(*action));
        let reply = said(plan(&wants(*action), Session::RanOut));
        assert_eq!((reply.text.as_str(), reply.card), (texts::SIGN_IN_AGAIN, Some(Card::SignIn)));
    }
}

#[test]
fn what_is_urgent_gets_the_card_and_a_person_by_button_and_what_is_critical_gets_a_person() {
    for session in SESSIONS {
        let mut understood = wants(ActionName::PasswordReset);
        understood.assessment.urgency = Urgency::Critical;
        assert!(is_hand_off(&plan(&understood, session)));
    }
    let mut understood = wants(ActionName::PasswordReset);
    assert!(!said(plan(&understood, Session::SignedOut)).offer_person);
    understood.assessment.urgency = Urgency::High;
    let reply = said(plan(&understood, Session::SignedOut));
    assert_eq!((reply.card, reply.offer_person), (Some(Card::AddressForm), true));
}

#[test]
fn to_act_without_an_action_or_to_name_one_without_acting_does_nothing() {
    for session in SESSIONS {
        let nothing = reading(Intent::RefundStatus, Urgency::Normal, Decision::Act, None);
        assert!(is_hand_off(&plan(&nothing, session)));
        let answer = reading(Intent::RefundStatus, Urgency::Normal, Decision::Answer, Some(ActionName::PasswordReset));
        assert_eq!(said(plan(&answer, session)).text, texts::ASK_FOR_MORE);
        let escalate = reading(Intent::RefundStatus, Urgency::Normal, Decision::Escalate, Some(ActionName::PasswordReset));
        assert!(is_hand_off(&plan(&escalate, session)));
    }
}

#[test]
fn a_card_comes_with_the_article_that_says_how_to_help_oneself() {
    let mut understood = wants(ActionName::PasswordReset);
    understood.extract = Some(extract(0.9));
    let reply = said(plan(&understood, Session::SignedOut));
    assert_eq!((reply.text.as_str(), reply.citations.len()), (texts::ADDRESS_FORM, 1));
    assert_eq!(reply.citations[0].url, "/help/reset-password");
}

#[test]
fn questions_are_answered_as_before_whoever_asks() {
    for session in SESSIONS {
        let mut understood = reading(Intent::DiscountQuestion, Urgency::Normal, Decision::Answer, None);
        understood.extract = Some(extract(0.5));
        let reply = said(plan(&understood, session));
        assert_eq!((reply.text.as_str(), reply.offer_person, reply.card), ("Open the page. Choose a link.", false, None));
        // Not sure what it is, but plainly answered.
        understood.assessment.decision = Decision::Escalate;
        understood.assessment.reason = Reason::Uncertain;
        assert!(matches!(said(plan(&understood, session)).card, Some(Card::Wishes { .. })), "asked back first");
        let again = plan_for(&understood, "zanzibar", session, true, &SequentialIds::default());
        assert!(is_hand_off(&again));
        understood.extract = Some(extract(0.7));
        assert!(said(plan(&understood, session)).offer_person);
        // What reads like a question that can wait needs an article less near, but not any article.
        understood.assessment.decision = Decision::Answer;
        for (score, answered) in [(0.6, true), (0.45, false)] {
            understood.extract = Some(extract(score));
            assert_eq!(said(plan(&understood, session)).card.is_none(), answered, "{score}");
        }
    }
    let unanswered = reading(Intent::DiscountQuestion, Urgency::Normal, Decision::Answer, None);
    let again = plan_for(&unanswered, "zanzibar", Session::SignedOut, true, &SequentialIds::default());
    assert_eq!(said(again).text, texts::NO_ANSWER);
    let thanks = reading(Intent::Smalltalk, Urgency::Low, Decision::Answer, None);
    assert!(said(plan(&thanks, Session::SignedOut)).card.is_none());
}

fn unsure(urgency: Urgency, candidates: &[(Intent, f32)]) -> Understood {
    let mut understood = reading(Intent::RefundStatus, urgency, Decision::Escalate, None);
    understood.assessment.reason = Reason::Uncertain;
    understood.assessment.candidates =
        candidates.iter().map(|(intent, probability)| Candidate { intent: *intent, probability: *probability }).collect();
    understood
}

#[test]
fn what_is_not_sure_is_asked_back_once_before_a_person_gets_it() {
    use Intent::{ChargeQuestion, HumanRequest, RefundRequest, RefundStatus, Safety};
    let likely = [(RefundStatus, 0.5), (RefundRequest, 0.3), (ChargeQuestion, 0.05)];
    let understood = unsure(Urgency::Normal, &likely);
    for session in SESSIONS {
        let reply = said(plan(&understood, session));
        assert_eq!((reply.text.as_str(), reply.offer_person, reply.clarified), (texts::WHICH_WISH, true, true));
        let Some(Card::Wishes { wishes }) = reply.card else { panic!("no wishes") };
        assert_eq!(
            wishes.iter().map(|wish| wish.intent).collect::<Vec<_>>(),
            [RefundStatus, RefundRequest],
            "the unlikely one is not named"
        );
    }
    let again = plan_for(&understood, "zanzibar", Session::Known, true, &SequentialIds::default());
    assert!(is_hand_off(&again), "nobody is asked twice in a row");
    assert!(is_hand_off(&plan(&unsure(Urgency::High, &likely), Session::Known)), "what is urgent is not held up");
    assert!(
        is_hand_off(&plan(&unsure(Urgency::Normal, &[(Safety, 0.2), (HumanRequest, 0.5)]), Session::Known)),
        "there is nothing to ask"
    );
    let mut guarded = understood;
    guarded.assessment.reason = Reason::Guarded(porter_triage::Guard::OtherAddress);
    assert!(is_hand_off(&plan(&guarded, Session::Known)), "what a guard forbids is no matter of asking");
}

fn extract(score: f32) -> Extract {
    Extract {
        title: "Reset your password".to_owned(),
        url: "/help/reset-password".to_owned(),
        slug: "reset-password".to_owned(),
        pieces: vec!["Open the page.".to_owned(), "Choose a link.".to_owned()],
        score,
    }
}
