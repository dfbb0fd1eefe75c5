use serde::Deserialize;

/// The academy's own questions, each with its right articles and the facts of a right answer. Written before the answers that they test were
/// tuned, by another hand.
///
/// The last were written when that was done, so nothing was chosen by them.
const QUESTIONS: [&str; 4] = [
    include_str!("../../cases/questions-a.jsonl"),
    include_str!("../../cases/questions-b.jsonl"),
    include_str!("../../cases/questions-c.jsonl"),
    include_str!("../../cases/questions-d.jsonl"),
];
/// Questions that no article answers: near ones, absent ones, and some from outside the academy.
const UNANSWERABLE: [&str; 3] = [
    include_str!("../../cases/unanswerable.jsonl"),
    include_str!("../../cases/unanswerable-second.jsonl"),
    include_str!("../../cases/unanswerable-third.jsonl"),
];

/// A question and what a right answer to it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AnswerCase {
    pub id: String,
    pub text: String,
    /// Articles that answer it, by slug; none where it should not be answered.
    #[serde(default)]
    pub articles: Vec<String>,
    /// Each must be in the answer, in one of its wordings.
    #[serde(default)]
    pub facts: Vec<Vec<String>>,
    #[serde(default)]
    pub tags: Vec<String>,
    /// Of a question that cannot be answered: how far it is from what can.
    #[serde(default)]
    pub kind: Option<String>,
}

impl AnswerCase {
    pub fn is_answerable(&self) -> bool {
        !self.articles.is_empty()
    }
}

/// A line that is no case.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    #[error(
        "line {line}: {cause}; a case is {{\"id\",\"text\",\"articles\",\"facts\"}}, or {{\"id\",\"text\"}} when it cannot be answered"
    )]
    Shape { line: usize, cause: serde_json::Error },
    #[error("line {line}: {id} wants the fact {placeholder}, which facts.toml does not have")]
    Fact { line: usize, id: String, placeholder: String },
}

/// Reads cases; `fill` replaces what stands in `{{…}}`, or says which of it has no replacement.
pub fn parse_answer_cases(text: &str, fill: &dyn Fn(&str) -> Result<String, String>) -> Result<Vec<AnswerCase>, CaseError> {
    let mut cases = Vec::new();
    for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        let mut case: AnswerCase = serde_json::from_str(text).map_err(|cause| CaseError::Shape { line, cause })?;
        for wording in case.facts.iter_mut().flatten() {
            *wording = fill(wording).map_err(|placeholder| CaseError::Fact { line, id: case.id.clone(), placeholder })?;
        }
        cases.push(case);
    }
    Ok(cases)
}

/// The cases that are built in.
pub fn own_answer_cases(fill: &dyn Fn(&str) -> Result<String, String>) -> Result<Vec<AnswerCase>, CaseError> {
    let mut cases = Vec::new();
    for text in QUESTIONS.into_iter().chain(UNANSWERABLE) {
        cases.extend(parse_answer_cases(text, fill)?);
    }
    Ok(cases)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(text: &str) -> Result<String, String> {
        if text.contains("{{unknown}}") { Err("{{unknown}}".to_owned()) } else { Ok(text.replace("{{days}}", "14")) }
    }

    #[test]
    fn facts_are_filled_in_and_what_is_wrong_is_named() {
        let line = r#"{"id":"q","text":"how long","articles":["a"],"facts":[["{{days}} days","two weeks"]]}"#;
        let cases = parse_answer_cases(&format!("{line}\n\n{{\"id\":\"u\",\"text\":\"x\",\"kind\":\"near\"}}\n"), &fill).unwrap();
        assert_eq!(cases[0].facts, [["14 days", "two weeks"]]);
        assert!(cases[0].is_answerable() && !cases[1].is_answerable());
        for (text, part) in [(line.replace("{{days}}", "{{unknown}}"), "{{unknown}}"), ("{\"id\":1}".to_owned(), "line 1")] {
            let error = parse_answer_cases(&text, &fill).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn the_built_in_cases_are_543_questions_and_211_without_an_answer() {
        let cases = own_answer_cases(&|text| Ok(text.to_owned())).unwrap();
        let (answerable, not): (Vec<_>, Vec<_>) = cases.iter().partition(|case| case.is_answerable());
        assert_eq!((answerable.len(), not.len()), (543, 211));
        let ids: std::collections::BTreeSet<&str> = cases.iter().map(|case| case.id.as_str()).collect();
        assert_eq!(ids.len(), 754, "ids tell cases apart");
        assert!(answerable.iter().all(|case| !case.facts.is_empty() && case.facts.iter().all(|group| !group.is_empty())));
    }
}
