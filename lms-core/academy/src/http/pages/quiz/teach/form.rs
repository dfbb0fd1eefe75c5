//! A question as a form: lists are typed a line each, right choices begin with an asterisk.

use serde::Deserialize;

use crate::domain::quiz::{Decimal, Kind, Question, Tolerance};

/// What was typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Typed {
    pub(super) kind: String,
    pub(super) text: String,
    /// Choices, accepted answers or items.
    #[serde(default)]
    pub(super) lines: String,
    #[serde(default)]
    pub(super) answer: String,
    #[serde(default)]
    pub(super) tolerance: String,
    /// `absolute` or `percent`.
    #[serde(default)]
    pub(super) measure: String,
    #[serde(default)]
    pub(super) unit: String,
    pub(super) explanation: String,
    pub(super) points: String,
    pub(super) tags: String,
}

impl Typed {
    /// An empty form for a kind; `None`: there is no such kind.
    pub(super) fn empty(kind: &str) -> Option<Self> {
        let known = ["single", "multiple", "numeric", "short_text", "ordering"].contains(&kind);
        known.then(|| Self { kind: kind.to_owned(), points: "1".to_owned(), ..Self::default() })
    }

    pub(super) fn of(question: &Question) -> Self {
        let mut typed = Self {
            kind: question.kind.word().to_owned(),
            text: question.text.clone(),
            explanation: question.explanation.clone().unwrap_or_default(),
            points: question.points.to_string(),
            tags: question.tags.join(", "),
            ..Self::default()
        };
        let starred = |choices: &[String], right: &dyn Fn(usize) -> bool| {
            let line = |(place, choice): (usize, &String)| if right(place) { format!("* {choice}") } else { choice.clone() };
            choices.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
        };
        match &question.kind {
            Kind::Single { choices, correct } => typed.lines = starred(choices, &|place| place == *correct),
            Kind::Multiple { choices, correct } => typed.lines = starred(choices, &|place| correct.contains(&place)),
            Kind::Numeric { answer, tolerance, unit } => {
                typed.answer = answer.to_string();
                typed.unit = unit.clone().unwrap_or_default();
                (typed.measure, typed.tolerance) = match tolerance {
                    Tolerance::Absolute(most) => ("absolute".to_owned(), most.to_string()),
                    Tolerance::Percent(most) => ("percent".to_owned(), most.to_string()),
                };
            }
            Kind::ShortText { accepted } => typed.lines = accepted.join("\n"),
            Kind::Ordering { items } => typed.lines = items.join("\n"),
        }
        typed
    }

    /// The question; or everything that is wrong with it.
    pub(super) fn question(&self) -> Result<Question, Vec<String>> {
        let one = |fault: &str| vec![fault.to_owned()];
        let lines: Vec<&str> = self.lines.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let starred = || {
            let right = |line: &&str| line.starts_with('*');
            let correct: Vec<usize> = lines.iter().enumerate().filter(|(_, line)| right(line)).map(|(place, _)| place).collect();
            (lines.iter().map(|line| line.trim_start_matches('*').trim().to_owned()).collect::<Vec<_>>(), correct)
        };
        let owned = || lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        let kind = match self.kind.as_str() {
            "single" => match starred() {
                (choices, correct) if correct.len() == 1 => {
                    Kind::Single { choices, correct: correct.first().copied().unwrap_or_default() }
                }
                _ => return Err(one("Mark exactly one choice as right: begin its line with an asterisk.")),
            },
            "multiple" => {
                let (choices, correct) = starred();
                Kind::Multiple { choices, correct: correct.into_iter().collect() }
            }
            "numeric" => {
                let number = |text: &str| text.trim().replace(',', ".").parse::<Decimal>();
                let Ok(answer) = number(&self.answer) else { return Err(one("The right answer must be a number such as 12.5.")) };
                let tolerance = if self.tolerance.trim().is_empty() { Ok(Decimal::ZERO) } else { number(&self.tolerance) };
                let Ok(most) = tolerance else { return Err(one("The tolerance must be a number such as 0.5.")) };
                let tolerance = if self.measure == "percent" { Tolerance::Percent(most) } else { Tolerance::Absolute(most) };
                Kind::Numeric { answer, tolerance, unit: Some(self.unit.trim().to_owned()).filter(|unit| !unit.is_empty()) }
            }
            "short_text" => Kind::ShortText { accepted: owned() },
            "ordering" => Kind::Ordering { items: owned() },
            _ => return Err(one("There is no such kind of question. Go back and choose one.")),
        };
        let question = Question {
            text: self.text.replace("\r\n", "\n").trim().to_owned(),
            kind,
            explanation: Some(self.explanation.replace("\r\n", "\n").trim().to_owned()).filter(|text| !text.is_empty()),
            points: self.points.trim().parse().unwrap_or(0),
            tags: self.tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect(),
        };
        let faults: Vec<String> =
            question.faults().iter().map(|fault| format!("This question cannot be asked yet: {fault}.")).collect();
        if faults.is_empty() { Ok(question) } else { Err(faults) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::quiz::tests::samples::questions;

    proptest! {
        #[test]
        fn a_question_goes_through_its_form_unchanged(question in questions()) {
            prop_assert_eq!(Typed::of(&question).question().unwrap(), question);
        }
    }

    #[test]
    fn faults_are_named() {
        let mut typed = Typed { text: "Which?".to_owned(), lines: "a\nb".to_owned(), ..Typed::empty("single").unwrap() };
        assert!(typed.question().unwrap_err()[0].contains("exactly one choice"));
        typed.lines = "* a\n* b".to_owned();
        assert!(typed.question().is_err());
        typed.lines = " *a \r\n\r\nb".to_owned();
        assert!(typed.question().is_ok());
        typed.points = "many".to_owned();
        assert!(typed.question().unwrap_err()[0].contains("1 to 100"));
        assert!(Typed::empty("essay").is_none());
    }
}
