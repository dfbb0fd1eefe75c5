//! Grades the classifier on somebody's labelled texts.

use std::collections::BTreeMap;

use porter_triage::{Classifier, Prediction, Sample, Singular};
use serde_json::json;

use crate::bootstrap::Interval;
use crate::classified::Classified;
use crate::metrics::Scored;
use crate::novelty::{Novelty, OUT_OF_SCOPE, auroc};
use crate::run::{Better, Case, Measure, Run, RunKind, Unit};

/// Labels that a trace shows.
const SHOWN: usize = 3;

/// The splits of a data set with their vectors.
#[derive(Debug)]
pub struct IntentData {
    pub train: Vec<Sample>,
    pub val: Vec<Sample>,
    /// Without it, everything is tuned on what is said of training texts as if each had been left out, and graded on `val`.
    pub test: Option<Vec<Sample>>,
    /// How many numbers each encoder gives.
    pub width: usize,
}

/// Trains on `train`, tunes on `val` and grades on `test`; where there is no test, tunes by leaving one out on `train` and grades on `val`.
pub fn evaluate_intents(data: &IntentData) -> Result<Run, Singular> {
    let trained = Classifier::train(&data.train, data.test.is_some().then_some(data.val.as_slice()), data.width)?;
    let classifier = &trained.classifier;
    let predict = |samples: &[Sample]| samples.iter().map(|own| classifier.predict(&own.text, &own.vector)).collect::<Vec<_>>();
    let (graded, tuning_samples, tuning) = match &data.test {
        Some(test) => (test, &data.val, predict(&data.val)),
        None => (&data.val, &data.train, trained.left_out),
    };
    let predictions = predict(graded);
    let stranger = classifier.labels().iter().position(|label| label == OUT_OF_SCOPE);
    let novelty = stranger.map(|label| {
        let strange: Vec<bool> = tuning_samples.iter().map(|own| own.label == OUT_OF_SCOPE).collect();
        Novelty::choose(&tuning, &strange, label)
    });
    let mut run = grade(classifier.labels(), graded, &predictions, novelty.as_ref());
    run.about.insert("split".to_owned(), if data.test.is_some() { "test" } else { "val" }.to_owned());
    Ok(run)
}

fn grade(labels: &[String], samples: &[Sample], predictions: &[Prediction], novelty: Option<&Novelty>) -> Run {
    let name = |place: Option<usize>| place.and_then(|place| labels.get(place)).map_or("", String::as_str);
    let inside = |place: &usize| labels.get(*place).is_some_and(|label| label != OUT_OF_SCOPE);
    let found: Vec<&str> = predictions.iter().map(|own| name(best(&own.probabilities, |_| true))).collect();
    let within: Vec<&str> = predictions.iter().map(|own| name(best(&own.probabilities, inside))).collect();
    let scored: Vec<Scored<'_>> = samples
        .iter()
        .zip(predictions)
        .zip(&found)
        .map(|((sample, prediction), found)| Scored {
            expected: &sample.label,
            found,
            confidence: prediction.probabilities.iter().copied().fold(0.0, f32::max),
        })
        .collect();
    let right = |own: bool| f64::from(u8::from(own));
    let strange: Vec<bool> = samples.iter().map(|own| own.label == OUT_OF_SCOPE).collect();
    let rejected: Vec<bool> =
        predictions.iter().map(|own| novelty.is_some_and(|novelty| novelty.score(own) > novelty.threshold)).collect();
    let of = |wanted: bool, value: &dyn Fn(usize) -> bool| -> Vec<f64> {
        (0..samples.len()).filter(|place| strange.get(*place) == Some(&wanted)).map(|place| right(value(place))).collect()
    };
    let hit = |list: &[&str], place: usize| samples.get(place).is_some_and(|own| list.get(place) == Some(&own.label.as_str()));

    let all: Vec<f64> = (0..samples.len()).map(|place| right(hit(&found, place))).collect();
    let classified = Classified::new(&scored);
    let mut measures = vec![
        Measure::share("accuracy", &all, Better::Higher),
        Measure::share("in_scope_accuracy", &of(false, &|place| hit(&within, place)), Better::Higher),
        classified.macro_f1_measure(),
        classified.ece_measure(),
    ];
    let mut about = BTreeMap::new();
    if let Some(novelty) = novelty {
        let scores: Vec<f64> = predictions.iter().map(|own| novelty.score(own)).collect();
        let area = auroc(&scores, &strange);
        let interval = auroc_interval(area, &strange);
        measures.push(Measure { interval: Some(interval), ..plain("oos_auroc", area, Better::Higher) });
        let caught = |place: usize| rejected.get(place) == Some(&true);
        measures.push(Measure::share("oos_recall", &of(true, &caught), Better::Higher));
        let kept = of(false, &|place| hit(&within, place) && !caught(place));
        measures.push(Measure::share("in_scope_accuracy_at_threshold", &kept, Better::Higher));
        about.insert("oos_method".to_owned(), novelty.method.to_owned());
    }
    let cases = samples.iter().zip(predictions).enumerate().map(|(place, (sample, prediction))| {
        let mut fails = Vec::new();
        if !hit(&found, place) {
            fails.push("accuracy".to_owned());
        }
        if strange.get(place) == Some(&false) && !hit(&within, place) {
            fails.push("in_scope_accuracy".to_owned());
        }
        if novelty.is_some() && strange.get(place) == Some(&true) && rejected.get(place) == Some(&false) {
            fails.push("oos_recall".to_owned());
        }
        let mut likeliest: Vec<(&String, f32)> = labels.iter().zip(prediction.probabilities.iter().copied()).collect();
        likeliest.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let likeliest: Vec<_> = likeliest
            .into_iter()
            .take(SHOWN)
            .map(|(label, probability)| json!({"label": label, "probability": probability}))
            .collect();
        Case {
            id: format!("row {}", place + 2),
            text: sample.text.clone(),
            fails,
            miss: None,
            trace: json!({
                "expected": sample.label,
                "found": found.get(place),
                "likeliest": likeliest,
                "familiarity": prediction.familiarity,
                "rejected": rejected.get(place),
            }),
        }
    });
    let cases = cases.collect();
    Run { kind: RunKind::Intents, about, measures, plots: classified.plots(), cases }
}

fn plain(name: &str, value: f64, better: Better) -> Measure {
    Measure { name: name.to_owned(), value, interval: None, better, unit: Unit::Share }
}

fn best(probabilities: &[f32], among: impl Fn(&usize) -> bool) -> Option<usize> {
    let candidates = probabilities.iter().enumerate().filter(|(place, _)| among(place));
    candidates.max_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(place, _)| place)
}

/// Hanley and McNeil (1982).
fn auroc_interval(area: f64, positive: &[bool]) -> Interval {
    let ours = positive.iter().filter(|own| **own).count() as f64;
    let others = positive.len() as f64 - ours;
    let (q1, q2) = (area / (2.0 - area), 2.0 * area * area / (1.0 + area));
    let variance = area * (1.0 - area) + (ours - 1.0) * (q1 - area * area) + (others - 1.0) * (q2 - area * area);
    let error = 1.96 * (variance / (ours * others).max(1.0)).max(0.0).sqrt();
    Interval { low: (area - error).max(0.0), high: (area + error).min(1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(label: &str, angle: f32) -> Sample {
        Sample { text: format!("{label} please"), vector: vec![angle.cos(), angle.sin(), 0.1], label: label.to_owned() }
    }

    fn data() -> IntentData {
        let split = |count: u8, shift: f32| -> Vec<Sample> {
            (0..count)
                .map(|place| match place % 4 {
                    0 => sample("oos", 4.0 + shift + f32::from(place) * 0.01),
                    1 | 2 => sample("refund", shift + f32::from(place) * 0.01),
                    _ => sample("login", 2.0 + shift + f32::from(place) * 0.01),
                })
                .collect()
        };
        IntentData { train: split(40, 0.0), val: split(20, 0.05), test: None, width: 3 }
    }

    #[test]
    fn easy_texts_are_all_right_and_the_split_is_named() {
        let run = evaluate_intents(&data()).unwrap();
        for name in ["accuracy", "in_scope_accuracy", "macro_f1", "oos_auroc"] {
            assert!(run.measure(name).unwrap().value > 0.99, "{name}: {:?}", run.measures);
        }
        assert_eq!(run.about["split"], "val");
        let with_test = IntentData { test: Some(data().val), ..data() };
        assert_eq!(evaluate_intents(&with_test).unwrap().about["split"], "test");
    }

    #[test]
    fn a_wrong_label_counts_where_it_should() {
        let mut data = data();
        data.val[1].label = "login".to_owned();
        let run = evaluate_intents(&data).unwrap();
        assert!((run.measure("accuracy").unwrap().value - 0.95).abs() < 1e-9, "{:?}", run.measures);
        assert!((run.measure("in_scope_accuracy").unwrap().value - 14.0 / 15.0).abs() < 1e-9);
        let failing: Vec<&Case> = run.cases.iter().filter(|case| !case.fails.is_empty()).collect();
        assert_eq!((failing.len(), failing[0].id.as_str()), (1, "row 3"));
    }
}
