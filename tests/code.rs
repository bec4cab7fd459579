//! Coding of phrases that stand alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use karuta::Engine;
use karuta::coding::Coded;
use karuta::lexicon::{Attr, ConceptKind, System};
use std::collections::BTreeSet;
use std::sync::LazyLock;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new().unwrap());

fn codes(coded: &Coded, system: System) -> Vec<&str> {
    coded.codings.iter().filter(|c| c.system == system.text()).map(|c| c.code.as_str()).collect()
}

/// Phrase → name, ICD-10, 交換用コード of the base and of its 修飾語.
#[test]
fn phrases_and_their_codes() {
    let rows = [
        ("右橈骨遠位端骨折の術後", "右橈骨遠位端骨折の術後", "S5250", "CJTR", "5194 1486"),
        ("PRL 高値", "高プロラクチン血症", "E221", "U9K1", ""),
        ("プロラクチン上昇", "高プロラクチン血症", "E221", "U9K1", ""),
        // dagger before asterisk
        ("ヘルペス脳炎", "ヘルペス脳炎", "B004 G051", "M7GH", ""),
        // the type stays open unless the phrase says it
        ("糖尿病", "糖尿病", "E14", "EM7Q", ""),
        ("1型糖尿病", "１型糖尿病", "E10", "T48P", ""),
        ("高Ca血症", "高カルシウム血症", "E835", "", ""),
        // a remark in brackets, another order, particles, a reading
        ("低カルシウム（Ca）血症", "低カルシウム血症", "E835", "", ""),
        ("頭痛あり", "頭痛", "R51", "", ""),
        ("こうけつあつしょう", "高血圧症", "I10", "UHGQ", ""),
        ("コウケツアツショウ", "高血圧症", "I10", "UHGQ", ""),
        ("経口摂取できず", "経口摂取困難", "", "", ""),
    ];
    let mut wrong = String::new();
    for (phrase, name, icd, base, modifiers) in rows {
        let c = ENGINE.code(phrase);
        let got = (c.name.as_str(), codes(&c, System::Icd10).join(" "), codes(&c, System::DiseaseExchange).join(" "), codes(&c, System::ModifierExchange).join(" "));
        let fits = |want: &str, got: &str| want.is_empty() || want == got;
        if got.0 != name || !fits(icd, &got.1) || !fits(base, &got.2) || got.3 != modifiers {
            wrong += &format!("{phrase}: {got:?} {:?}\n", c.refused);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn what_is_no_disorder_is_refused() {
    for (phrase, why) in [
        ("", "phrase.empty"),
        ("発熱なし", "phrase.denied"),
        ("異常を認めず", "phrase.denied"),
        ("体温36.5℃", "phrase.measurement"),
        ("アムロジピン錠", "phrase.nothing-sure"),
        // words that share letters with a disease's English name, and sites without a disease
        ("Impression", "phrase.nothing-sure"),
        ("Staphylococcus aureus", "phrase.nothing-sure"),
        ("リンパ節", "phrase.site"),
        ("左下腿", "phrase.site"),
        ("縦隔リンパ節", "phrase.site"),
        ("本日はご家族と一緒に来院されましたので今後の治療方針についてゆっくりと時間をかけて丁寧に説明を行い同意を得て検査の予約を取り帰宅としました", "phrase.too-long"),
    ] {
        let c = ENGINE.code(phrase);
        assert_eq!((c.refused.as_deref(), c.codings.len()), (Some(why), 0), "{phrase}: {}", c.name);
    }
}

/// A composed 標準病名 taken apart gives the parts it was composed of: recompose ∘ decompose is the identity.
#[test]
fn composed_names_are_taken_apart_as_they_were_composed() {
    let lexicon = ENGINE.lexicon();
    let pack = &lexicon.packs()[0];
    let (mut composed, mut bases) = (0, Vec::new());
    let mut wrong = String::new();
    for (_, c) in pack.concepts().filter(|c| matches!(c.1.kind(), ConceptKind::Disorder | ConceptKind::Finding)) {
        let standard = c.attr(Attr::Standard).unwrap_or("");
        let modifiers = c.codes().any(|k| k.system == System::ModifierExchange);
        if !modifiers && c.code(System::DiseaseExchange).is_some() && standard == c.name() && c.name().chars().count() >= 4 {
            bases.push((c.name().to_owned(), c.code(System::DiseaseExchange).unwrap().to_owned()));
        }
        if !standard.contains('+') {
            continue;
        }
        composed += 1;
        let coded = ENGINE.code(&standard.replace('+', ""));
        let of = |s: System| c.codes().filter(|k| k.system == s).map(|k| k.code).collect::<BTreeSet<_>>();
        // a row of its own may bear the composed name
        let same = |s: System| codes(&coded, s).into_iter().collect::<BTreeSet<_>>() == of(s);
        if !(same(System::DiseaseExchange) && same(System::ModifierExchange)) {
            wrong += &format!("{standard}: {} {:?}\n", coded.name, coded.refused);
        }
    }
    assert!(composed > 100, "{composed}");
    assert!(wrong.is_empty(), "{} of {composed}\n{wrong}", wrong.lines().count());

    // 修飾語 before and after a base, of every department
    let (mut tried, mut wrong) = (0, String::new());
    for (i, (base, code)) in bases.iter().enumerate().step_by(5) {
        let (before, modifier) = [("右", "5194"), ("両側", "2677"), ("再発性", "1440")][i % 3];
        // no side or course twice, nor a state after an operation of one: 両側 + 両側性 …, 術後 + の術後
        if ["右", "左", "両", "再発", "術後"].iter().any(|w| base.contains(w)) {
            continue;
        }
        // 両側 + 脳室 is 両 + 側脳室; a longer name of another row (再発性角膜上皮びらん) is that row's
        let whole = format!("{before}{base}");
        if (before == "両側" && !lexicon.named(&format!("側{base}")).is_empty()) || !lexicon.named(&whole).is_empty() {
            continue;
        }
        let name = format!("{whole}の術後");
        let coded = ENGINE.code(&name);
        tried += 1;
        if coded.name != name
            || codes(&coded, System::DiseaseExchange) != [code.as_str()]
            || codes(&coded, System::ModifierExchange).into_iter().collect::<BTreeSet<_>>() != BTreeSet::from([modifier, "1486"])
        {
            wrong += &format!("{name}: {} {:?} {:?}\n", coded.name, coded.refused, codes(&coded, System::ModifierExchange));
        }
    }
    assert!(tried > 500 && wrong.is_empty(), "{} of {tried}\n{wrong}", wrong.lines().count());
}

/// One of several diseases would be less than what was written: none is taken, and each is listed.
#[test]
fn several_diseases_in_a_phrase_are_listed_and_none_is_taken() {
    for phrase in ["肺炎 心不全", "高血圧症、糖尿病", "脂質異常症・高尿酸血症", "気管支喘息＋副鼻腔炎"] {
        let c = ENGINE.code(phrase);
        assert!(c.codings.is_empty() && c.refused.as_deref() == Some("phrase.several") && c.candidates.len() == 2, "{phrase}: {c:?}");
    }
    assert!(!ENGINE.code("頭頸部癌").codings.is_empty());
}

/// An abbreviation of several diseases is the one that is meant by far the most, or none, and then each is listed.
#[test]
fn an_abbreviation_of_several_diseases_is_not_guessed() {
    for (phrase, name) in [
        ("APS", "抗リン脂質抗体症候群"),
        ("APS疑い", "抗リン脂質抗体症候群"),
        ("PVL", "新生児脳室周囲白質軟化"),
        ("ＭＲ", "僧帽弁閉鎖不全症"),
        ("DM", "糖尿病"),
        ("IP", "間質性肺炎"),
    ] {
        assert_eq!(ENGINE.code(phrase).name, name);
    }
    for (phrase, two) in [
        ("SAM", ["僧帽弁収縮期前方運動", "節性動脈中膜融解"]),
        ("MS", ["僧帽弁狭窄症", "多発性硬化症"]),
        ("MS疑い", ["僧帽弁狭窄症", "多発性硬化症"]),
        ("FD", ["線維性骨異形成症", "機能性ディスペプシア"]),
    ] {
        let c = ENGINE.code(phrase);
        assert!(c.codings.is_empty() && c.refused.as_deref() == Some("phrase.several"), "{phrase}: {c:?}");
        assert!(two.iter().all(|n| c.candidates.iter().any(|k| k.name == *n)), "{phrase}: {c:?}");
    }
}

/// The side is part of what was written, in a name of any habit.
#[test]
fn a_side_is_never_lost() {
    for (phrase, side) in [("右膝痛", "5194"), ("左下肢しびれ", "5186"), ("両側声帯麻痺", "2677"), ("右片麻痺", "5194"), ("左麻痺", "5186"), ("右不全片麻痺", "5194")]
    {
        let c = ENGINE.code(phrase);
        assert!(codes(&c, System::ModifierExchange).contains(&side), "{phrase}: {c:?}");
    }
}

/// Any text is coded or refused, never a panic, and what is coded has a score that allows it.
#[test]
fn any_text_is_coded_or_refused() {
    for phrase in ["(", "()", "（（（））", "の", "・・・", "\u{0}", "🩺🩺", "1", "ー", "右", "術後", "aaaa-", "-", "ｶﾞﾝ", "症", "性の・-"] {
        let c = ENGINE.code(phrase);
        assert_eq!(c.refused.is_some(), c.codings.is_empty() || c.candidates.is_empty(), "{phrase:?}: {c:?}");
    }
}
