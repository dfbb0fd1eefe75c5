//! The lines by which mail programs set apart what the writer did not write, in English, German, French, Spanish and Portuguese.

use std::sync::LazyLock;

use regex::Regex;

/// A pattern of this file. Were one not to compile it would match nothing, and a test would say so.
type Pattern = LazyLock<Option<Regex>>;

macro_rules! patterns {
    ($($(#[$doc:meta])* $name:ident = $pattern:literal;)+) => {
        $($(#[$doc])* static $name: Pattern = LazyLock::new(|| Regex::new($pattern).ok());)+

        #[cfg(test)]
        static ALL: &[(&str, &Pattern)] = &[$((stringify!($name), &$name)),+];
    };
}

patterns! {
    /// `On 12 May 2026 at 10:00, Anna <anna@learners.example> wrote:`
    ATTRIBUTION = r"(?xi)^(
          on\s.+\s wrote
        | (am|on)\s.+\s schrieb\b.*
        | le\s.+\s a\ écrit
        | el\s.+\s escribi(ó|o)
        | (em|a|no\ dia|na)\s.+\s escreveu
        | .*<\S+@\S+>\s*(wrote|schrieb\b.*|a\ écrit|escribió|escreveu)
        | \d{4}-\d\d-\d\d.{0,60}<\S+@\S+>
        )\s*:$";
    /// What tells the time of a mail from any number, or whose it is.
    DATED = r"(?x) @ | \b\d{1,2}\s?[:h.]\s?\d{2}\b | \b(19|20)\d\d\b";
    /// `-----Original Message-----` and its like.
    ORIGINAL = r"(?xi)^-{2,}\s*(
          original\ message | original\ appointment | ursprüngliche\ (nachricht|e-?mail) | originalnachricht | message\ d['’]origine | message\ original
        | mensaje\ original | mensagem\ original
        )\s*-*$";
    FORWARDED = r"(?xi)^(
          -{2,}\s*(forwarded\ (message|mail)|weitergeleitete\ (nachricht|mail)|message\ (transféré|transmis)|mensaje\ reenviado|mensagem\ (encaminhada|reencaminhada))\b.*
        | (begin\ forwarded\ message|anfang\ der\ weitergeleiteten\ (nachricht|e-?mail)|début\ du\ message\ (transféré|réexpédié)|inicio\ del\ mensaje\ reenviado|início\ da\ mensagem\ (encaminhada|reencaminhada))\s*:
        )$";
    /// The first line of a block of headers, as Outlook repeats them.
    FROM_LINE = r"(?xi)^\*?(from|von|de|da)\s?:\*?\s*\S";
    /// Those that follow it.
    MORE_LINES = r"(?xi)^\*?(
          sent|date|to|cc|subject | gesendet|datum|an|betreff | envoyé(\ le)?|à|objet | enviado(\ el)?|fecha|para|asunto | enviada\ em|data|assunto
        )\s?:";
    /// What telephones and programs add of themselves.
    DEVICE = r"(?xi)^(
          sent\ (from|via|with)\ (my\ )?(\S+\ ){0,4}(iphone|ipad|phone|mobile|galaxy|android|samsung|huawei|pixel|blackberry|outlook|yahoo|mail|proton|gmail|app|tablet|smartphone|device)\b.{0,60}
        | get\ outlook\ for\b.{0,60}
        | (von\ meinem|gesendet\ (von|mit|aus))\b.{1,60}
        | envoyé\ (de\ mon|depuis|à\ partir|de)\b.{1,60} | (télécharger|obtenez)\ outlook\b.{0,60}
        | enviado\ (desde|do|de|a\ partir|pelo)\b.{1,60} | (obtener|obter|obtenha)\ (o\ )?outlook\b.{0,60}
        )$";
    /// Words before a name.
    CLOSING = r"(?xi)^(
          (best|kind(est)?|warm(est)?|many|with\ (kind|best|warm)|all\ the\ best|best\ wishes|regards|sincerely|yours(\ (sincerely|faithfully|truly))?|cheers|cordially|respectfully|thanks(\ (and|&)\ (best\ |kind\ )?regards)?|thank\ you|thanks\ (so\ much|a\ lot|in\ advance)|many\ thanks|take\ care)(\ regards|\ wishes|\ thanks)?
        | (mit\ )?(freundlichen|freundlichem|freundliche|besten|beste|viele|vielen|herzliche|liebe|schöne)\ (grüßen|grüssen|gruß|gruss|grüße|grüsse|dank) | mfg | lg | vg | danke(\ (schön|im\ voraus|sehr))?
        | (bien\ )?cordialement | (meilleures|sincères)\ salutations | merci(\ (d['’]avance|beaucoup))? | bien\ à\ vous
        | (un\ )?(cordial\ )?saludos?(\ cordial(es)?)? | atentamente | (muchas\ )?gracias(\ de\ antemano)?
        | atenciosamente | cumprimentos | (com\ os\ )?(melhores\ )?cumprimentos | (muito\ )?obrigad[oa] | abraços?
        )\s*[,.!]*$";
    /// A telephone, an address or a site, as the lines of a business card have them.
    CONTACT = r"(?xi)(
          ^\W*(tel|phone|mobile|mob|cell|fax|telefon|mobil|tél|téléphone|teléfono|móvil|telefone|web|e-?mail|m|t|p)\b\s*[.:|]
        | \+?\d[\d\s()./-]{7,}\d | \b(https?://|www\.)\S+ | \S+@\S+\.\S+
        )";
    /// What lawyers add.
    DISCLAIMER = r"(?xi)^(
          (confidentiality\ (notice|note)|disclaimer)\b
        | (this|the\ information\ in\ this)\ (e-?mail|message|communication)\b.*\b(confidential|intended|privileged)\b
        | diese\ (e-?mail|nachricht)\b.*\b(vertraulich|bestimmt)\w*\b
        | (ce\ (message|courriel|mail)|cet\ e-?mail)\b.*\bconfidentiel
        | (este\ (mensaje|correo|e-?mail)|esta\ mensagem)\b.*\bconfiden[cs]ia
        )";
}

fn fits(pattern: &Pattern, line: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(line))
}

/// Lines of one attribution: long names and addresses are wrapped.
const ATTRIBUTION_LINES: usize = 4;
const ATTRIBUTION_BYTES: usize = 500;
/// Lines of a block of headers that are looked at.
const HEADER_LINES: usize = 6;

/// How many lines from here on say who wrote what follows: 0 for none.
pub(super) fn attribution(lines: &[&str]) -> usize {
    let mut joined = String::new();
    for (count, line) in lines.iter().take(ATTRIBUTION_LINES).enumerate() {
        let line = line.trim();
        if line.is_empty() || is_marked(line) || joined.len() + line.len() > ATTRIBUTION_BYTES {
            return 0;
        }
        if count > 0 {
            joined.push(' ');
        }
        joined.push_str(line);
        if line.ends_with(':') && fits(&ATTRIBUTION, &joined) {
            return count + 1;
        }
    }
    0
}

/// Whether an attribution of so many lines is one whatever follows it.
pub(super) fn is_sure(attribution: &[&str]) -> bool {
    attribution.iter().any(|line| fits(&DATED, line))
}

/// Whether a whole mail that somebody else wrote begins here.
pub(super) fn begins_another(lines: &[&str]) -> bool {
    let Some(first) = lines.first().map(|line| line.trim()) else { return false };
    if fits(&ORIGINAL, first) || fits(&FORWARDED, first) {
        return true;
    }
    let following = || lines.iter().skip(1).take(HEADER_LINES).map(|line| line.trim()).take_while(|line| !line.is_empty());
    fits(&FROM_LINE, first) && following().filter(|line| fits(&MORE_LINES, line)).count() >= 2
}

/// A line that a mail program has marked as quoted.
pub(super) fn is_marked(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// The line before a signature. RFC 3676 has a space at its end, which many servers drop.
pub(super) fn is_delimiter(line: &str) -> bool {
    line.trim_end() == "--"
}

pub(super) fn is_device(line: &str) -> bool {
    fits(&DEVICE, line.trim())
}

pub(super) fn is_closing(line: &str) -> bool {
    fits(&CLOSING, line.trim())
}

pub(super) fn is_contact(line: &str) -> bool {
    fits(&CONTACT, line.trim())
}

pub(super) fn is_disclaimer(line: &str) -> bool {
    fits(&DISCLAIMER, line.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        for (name, pattern) in ALL {
            assert!(pattern.is_some(), "{name}");
        }
    }

    #[test]
    fn attributions_are_known_in_five_languages() {
        for text in [
            "On 12 May 2026 at 10:00 Anna Berg <anna@learners.example> wrote:",
            "On Tue, Nov 24, 2026 at 10:00 AM Northlight Academy <\nsupport@northlight.example> wrote:",
            "Am 24.11.2026 um 10:00 schrieb Northlight Academy:",
            "Northlight Academy <support@northlight.example> schrieb am Di., 24. Nov. 2026, 10:00:",
            "Le mar. 24 nov. 2026 à 10:00, Northlight Academy <support@northlight.example> a écrit :",
            "El mar, 24 nov 2026 a las 10:00, Northlight (<support@northlight.example>) escribió:",
            "Em ter., 24 de nov. de 2026 às 10:00, Northlight <support@northlight.example> escreveu:",
            "2026-11-24 10:00 GMT+01:00 Northlight <support@northlight.example>:",
        ] {
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!(attribution(&lines), lines.len(), "{text}");
            assert!(is_sure(&lines), "{text}");
        }
        for text in ["I wrote:", "On the page:", "the error says:\n> 404", "On Monday I came\n\nand Anna wrote:"] {
            assert_eq!(attribution(&text.lines().collect::<Vec<_>>()), 0, "{text}");
        }
        assert!(!is_sure(&["On page 3 the teacher wrote:"]));
    }

    #[test]
    fn other_mails_begin_with_their_headers_or_a_rule() {
        for text in [
            "From: Porter\nSent: Tuesday\nTo: Anna\nSubject: Re: x",
            "*From:* Porter\n*Sent:* Tuesday\n*To:* Anna",
            "Von: Porter\nGesendet: Dienstag\nAn: Anna\nBetreff: x",
            "De : Porter\nEnvoyé : mardi\nÀ : Anna\nObjet : x",
            "De: Porter\nEnviado el: martes\nPara: Ana\nAsunto: x",
            "De: Porter\nEnviada em: terça\nPara: Ana\nAssunto: x",
            "-----Original Message-----",
            "-------- Ursprüngliche Nachricht --------",
            "---------- Forwarded message ---------",
            "---------- Weitergeleitete Nachricht ----------",
            "---------- Mensaje reenviado ---------",
            "Begin forwarded message:",
        ] {
            assert!(begins_another(&text.lines().collect::<Vec<_>>()), "{text}");
        }
        for text in ["From: the second module on\nnothing plays.", "To: do\nDate: none", "------", "From: me"] {
            assert!(!begins_another(&text.lines().collect::<Vec<_>>()), "{text}");
        }
    }

    #[test]
    fn closings_and_devices_are_whole_lines() {
        for line in [
            "Kind regards,",
            "Best",
            "Thanks!",
            "Mit freundlichen Grüßen",
            "Bien cordialement,",
            "Un cordial saludo",
            "Atenciosamente,",
        ] {
            assert!(is_closing(line), "{line}");
        }
        for line in [
            "Sent from my iPhone",
            "Get Outlook for iOS",
            "Von meinem iPad gesendet",
            "Envoyé de mon iPhone",
            "Enviado desde mi iPhone",
            "Enviado do meu iPhone",
            "Sent from Yahoo Mail on Android",
        ] {
            assert!(is_device(line), "{line}");
        }
        for line in [
            "Thanks, but it still fails",
            "Best of all would be a refund",
            "Danke, das hilft nicht",
            "Sent from the platform was an invoice that is wrong, and my phone shows it",
        ] {
            assert!(!is_closing(line) && !is_device(line), "{line}");
        }
    }
}
