//! Is the message in the language that the encoder knows?

use whatlang::{Lang, Script};

/// Frequent short English words; one in four words being among them is English whatever a statistic says.
const ENGLISH: &[&str] = &[
    "the", "i", "a", "an", "my", "to", "is", "it", "and", "not", "you", "me", "of", "in", "for", "on", "have", "was", "this", "that",
    "can", "do", "how", "what", "when", "where", "why", "with", "but", "your", "are", "get", "please", "no", "any", "be", "if", "at",
];

/// True when the text is plainly in another language than English. Short or mixed text passes for English: the head's own
/// confidence is the second check.
pub(crate) fn is_foreign(text: &str) -> bool {
    let letters = text.chars().filter(|character| character.is_alphabetic()).count();
    let Some(info) = whatlang::detect(text) else { return false };
    if info.script() != Script::Latin {
        return letters >= 2;
    }
    if letters < 12 || info.lang() == Lang::Eng {
        return false;
    }
    let words: Vec<String> =
        text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    let english = words.iter().filter(|word| ENGLISH.contains(&word.as_str())).count();
    if words.len() < 3 {
        return info.is_reliable() && english == 0;
    }
    english * 7 < words.len() && (info.is_reliable() || info.confidence() > 0.3 || english == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_languages_are_found() {
        for text in [
            "Hola, olvidé mi contraseña y no puedo entrar en mi cuenta",
            "Ich habe den Kurs bezahlt, sehe ihn aber nicht",
            "Nie dostałem certyfikatu po ukończeniu kursu",
            "Je voudrais être remboursé pour le cours que j'ai acheté hier",
            "我忘记了密码",
            "Не могу войти в аккаунт",
            "mujhe mera certificate nahi mila abhi tak, kripya bhej dijiye",
        ] {
            assert!(is_foreign(text), "{text}");
        }
    }

    #[test]
    fn english_of_all_kinds_is_english() {
        for text in [
            "refund??",
            "cert pls",
            "Kindly do the needful and revert back with the link",
            "pasword forgoten cant login plz",
            "video buffering nonstop module 4",
            "Zertifikat",
            "URGENT!!! how do coupons work",
            "got the receipt, got the welcome mail, didn't get the course",
        ] {
            assert!(!is_foreign(text), "{text}");
        }
    }
}
