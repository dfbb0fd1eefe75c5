//! From what was found and said to a run.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::cases::AnswerCase;
use super::judge::{Shelf, plain, says};
use super::times::times;
use crate::held_out::{add_parts, is_held_out};
use crate::ranking::{Ranked, rank};
use crate::run::{Better, Case, Measure, Miss, Run, RunKind};

/// An article of the ranking.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct FoundArticle {
    pub slug: String,
    pub score: f32,
    pub passage: String,
}

/// What the knowledge base made of a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// The articles found, the best first.
    pub ranking: Vec<FoundArticle>,
    /// The article that was cited and the sentences of the answer; `None` when it was not answered.
    pub answer: Option<(String, Vec<String>)>,
    /// Whatever the decision was made by.
    pub decision: Value,
    pub milliseconds: f64,
}

/// Figures that depend on what was chosen.
const CHOSEN: [&str; 5] = ["ndcg_at_10", "facts_present", "irrelevant_sentences", "answered", "abstention"];

/// Grades what was given on each case: all of them, and, where some were held out, those and the others.
pub fn grade_answers(cases: &[AnswerCase], given: &[Given], shelf: &Shelf) -> Run {
    let judged: Vec<Judged<'_>> = cases.iter().zip(given).map(|(case, given)| Judged::new(case, given, shelf)).collect();
    let all: Vec<&Judged<'_>> = judged.iter().collect();
    let (times, plot) = times(&given.iter().map(|own| own.milliseconds).collect::<Vec<_>>());
    let mut run = Run {
        kind: RunKind::Answers,
        about: Default::default(),
        measures: measures(&all).into_iter().chain(times).collect(),
        plots: vec![plot],
        cases: judged.iter().map(Judged::report).collect(),
    };
    if judged.iter().any(|own| is_held_out(&own.case.id)) {
        let part = |held_out| all.iter().copied().filter(|own| is_held_out(&own.case.id) == held_out).collect::<Vec<_>>();
        add_parts(&mut run, &CHOSEN, |held_out| measures(&part(held_out)));
    }
    run
}

fn measures(judged: &[&Judged<'_>]) -> Vec<Measure> {
    let answerable: Vec<&Judged<'_>> = judged.iter().copied().filter(|own| own.case.is_answerable()).collect();
    let silent: Vec<f64> =
        judged.iter().filter(|own| !own.case.is_answerable()).map(|own| flag(own.given.answer.is_none())).collect();
    let ranked = |pick: fn(&Ranked) -> f64| answerable.iter().map(|own| pick(&own.ranked)).collect::<Vec<f64>>();
    let facts: Vec<f64> = answerable.iter().flat_map(|own| own.facts.iter().map(|there| flag(*there))).collect();
    let sentences = |pick: for<'j> fn(&'j Judged<'j>) -> &'j Vec<bool>| {
        answerable.iter().flat_map(|own| pick(own).iter().map(|good| flag(!good))).collect::<Vec<f64>>()
    };
    let answered: Vec<f64> = answerable.iter().map(|own| flag(own.given.answer.is_some())).collect();
    vec![
        Measure::share("ndcg_at_10", &ranked(|own| own.ndcg), Better::Higher),
        Measure::share("recall_at_10", &ranked(|own| own.recall), Better::Higher),
        Measure::share("mrr_at_10", &ranked(|own| own.reciprocal), Better::Higher),
        Measure::share("facts_present", &facts, Better::Higher),
        Measure::share("irrelevant_sentences", &sentences(|own| &own.belong), Better::Lower),
        Measure::share("unsupported_sentences", &sentences(|own| &own.supported), Better::Lower),
        Measure::share("answered", &answered, Better::Higher),
        Measure::share("abstention", &silent, Better::Higher),
    ]
}

fn flag(truth: bool) -> f64 {
    f64::from(u8::from(truth))
}

struct Judged<'a> {
    case: &'a AnswerCase,
    given: &'a Given,
    ranked: Ranked,
    /// Which facts of the case the answer holds.
    facts: Vec<bool>,
    /// Which sentences belong in the answer.
    belong: Vec<bool>,
    /// Which sentences stand in the cited article.
    supported: Vec<bool>,
    /// Whether the articles hold all facts.
    known: bool,
}

impl<'a> Judged<'a> {
    fn new(case: &'a AnswerCase, given: &'a Given, shelf: &Shelf) -> Self {
        let gains: HashMap<&str, f64> = case.articles.iter().map(|slug| (slug.as_str(), 1.0)).collect();
        let ranking: Vec<&str> = given.ranking.iter().map(|own| own.slug.as_str()).collect();
        let (slug, sentences): (&str, &[String]) =
            given.answer.as_ref().map_or(("", &[]), |(slug, sentences)| (slug.as_str(), sentences.as_slice()));
        let text = plain(&sentences.join(" "));
        Self {
            case,
            given,
            ranked: rank(&ranking, &gains),
            facts: case.facts.iter().map(|fact| says(&text, fact)).collect(),
            belong: sentences.iter().map(|own| shelf.belongs(slug, own, &case.articles, &case.facts)).collect(),
            supported: sentences.iter().map(|own| shelf.supports(slug, own)).collect(),
            known: case.facts.iter().all(|fact| shelf.holds(&case.articles, fact)),
        }
    }

    /// Names of the figures that the case counts against.
    fn fails(&self) -> Vec<&'static str> {
        if !self.case.is_answerable() {
            return if self.given.answer.is_some() { vec!["abstention"] } else { Vec::new() };
        }
        let mut fails = Vec::new();
        let mut against = |name, failed: bool| fails.extend(failed.then_some(name));
        against("ndcg_at_10", self.ranked.ndcg < 1.0);
        against("recall_at_10", self.ranked.recall < 1.0);
        against("mrr_at_10", self.ranked.reciprocal < 1.0);
        against("facts_present", self.facts.contains(&false));
        against("irrelevant_sentences", self.belong.contains(&false));
        against("unsupported_sentences", self.supported.contains(&false));
        against("answered", self.given.answer.is_none());
        fails
    }

    /// Who mends it. A ranking whose first article is right has missed nothing, whatever comes further down.
    fn miss(&self) -> Option<Miss> {
        let wrong = self.given.answer.is_none() || self.facts.contains(&false) || self.belong.contains(&false);
        match (self.case.is_answerable(), wrong) {
            (false, _) => self.given.answer.is_some().then_some(Miss::WronglyDecided),
            (true, false) => None,
            (true, true) if !self.known => Some(Miss::NotInKnowledgeBase),
            (true, true) if self.ranked.reciprocal < 1.0 => Some(Miss::NotRetrieved),
            (true, true) if self.given.answer.is_none() => Some(Miss::WronglyDecided),
            (true, true) => Some(Miss::Misread),
        }
    }

    fn report(&self) -> Case {
        let answer = self.given.answer.as_ref().map(|(slug, sentences)| json!({"article": slug, "sentences": sentences}));
        let missing: Vec<&Vec<String>> =
            self.case.facts.iter().zip(&self.facts).filter(|(_, there)| !**there).map(|(fact, _)| fact).collect();
        let places = |good: &[bool]| (0..).zip(good).filter(|(_, good)| !**good).map(|(place, _)| place).collect::<Vec<usize>>();
        Case {
            id: self.case.id.clone(),
            text: self.case.text.clone(),
            fails: self.fails().into_iter().map(str::to_owned).collect(),
            miss: self.miss(),
            trace: json!({
                "expected": {"articles": self.case.articles, "facts": self.case.facts, "kind": self.case.kind},
                "passages": self.given.ranking,
                "decision": self.given.decision,
                "reply": answer,
                "missing_facts": missing,
                "irrelevant": places(&self.belong),
                "unsupported": places(&self.supported),
                "milliseconds": self.given.milliseconds,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::{ArticleText, Section};

    fn shelf() -> Shelf {
        let section = |heading: &str, text: &str| Section { heading: Some(heading.to_owned()), sentences: vec![text.to_owned()] };
        let article = |slug: &str, sections| ArticleText { slug: slug.to_owned(), sections };
        Shelf::new(&[
            article("a", vec![section("When", "Within 14 days."), section("Where", "To your card.")]),
            article("b", vec![section("Who", "A person.")]),
        ])
    }

    fn case(id: &str, articles: &[&str], facts: &[&str]) -> AnswerCase {
        AnswerCase {
            id: id.to_owned(),
            text: "?".to_owned(),
            articles: articles.iter().map(|own| (*own).to_owned()).collect(),
            facts: facts.iter().map(|own| vec![(*own).to_owned()]).collect(),
            tags: Vec::new(),
            kind: None,
        }
    }

    fn given(ranking: &[&str], answer: Option<(&str, &[&str])>) -> Given {
        let found = |slug: &&str| FoundArticle { slug: (*slug).to_owned(), score: 0.5, passage: String::new() };
        Given {
            ranking: ranking.iter().map(found).collect(),
            answer: answer.map(|(slug, text)| (slug.to_owned(), text.iter().map(|own| (*own).to_owned()).collect())),
            decision: Value::Null,
            milliseconds: 2.0,
        }
    }

    #[test]
    fn figures_and_misses_are_those_of_a_table_made_by_hand() {
        let cases = [
            case("right", &["a"], &["14 days"]),
            case("misread", &["a"], &["14 days"]),
            case("not-retrieved", &["a"], &["14 days"]),
            case("silent", &["a"], &["14 days"]),
            case("unwritten", &["a"], &["30 days"]),
            case("kept-silent", &[], &[]),
            case("made-up", &[], &[]),
        ];
        let given = [
            given(&["a", "b"], Some(("a", &["Within 14 days."]))),
            given(&["a", "b"], Some(("a", &["To your card.", "It is not there."]))),
            given(&["b", "a"], Some(("b", &["A person."]))),
            given(&["a"], None),
            given(&["a"], Some(("a", &["Within 14 days."]))),
            given(&["b"], None),
            given(&["b"], Some(("b", &["A person."]))),
        ];
        let run = grade_answers(&cases, &given, &shelf());
        let value = |name: &str| run.measure(name).unwrap().value;
        for (name, expected) in [
            ("facts_present", 1.0 / 5.0),
            ("irrelevant_sentences", 4.0 / 5.0),
            ("unsupported_sentences", 1.0 / 5.0),
            ("answered", 4.0 / 5.0),
            ("abstention", 0.5),
            ("mrr_at_10", (4.0 + 0.5) / 5.0),
            ("recall_at_10", 1.0),
            ("latency_p50_ms", 2.0),
        ] {
            assert!((value(name) - expected).abs() < 1e-9, "{name}: {}", value(name));
        }
        let misses: Vec<Option<Miss>> = run.cases.iter().map(|case| case.miss).collect();
        use Miss::{Misread, NotInKnowledgeBase, NotRetrieved, WronglyDecided};
        let expected =
            [None, Some(Misread), Some(NotRetrieved), Some(WronglyDecided), Some(NotInKnowledgeBase), None, Some(WronglyDecided)];
        assert_eq!(misses, expected);
        assert_eq!(run.cases[0].fails, [""; 0]);
        assert_eq!(run.cases[6].fails, ["abstention"]);
        assert_eq!(run.cases[1].trace["irrelevant"], json!([0, 1]));
        assert!(run.measure("facts_present_held_out").is_none(), "nothing was held out");
    }

    #[test]
    fn what_was_held_out_is_told_from_what_was_seen() {
        let cases = [case("q-1", &["a"], &["14 days"]), case("q4-1", &["a"], &["14 days"]), case("u4-1", &[], &[])];
        let silent = given(&["a"], None);
        let given = [given(&["a"], Some(("a", &["Within 14 days."]))), silent.clone(), silent];
        let run = grade_answers(&cases, &given, &shelf());
        let value = |name: &str| run.measure(name).unwrap().value;
        let named = ["facts_present", "facts_present_seen", "facts_present_held_out", "abstention_held_out"];
        assert_eq!(named.map(value), [0.5, 1.0, 0.0, 1.0]);
    }
}
