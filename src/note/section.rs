//! Sections: the parts of a chart, found by their titles in every habit of writing them.

use super::normalize::{fold, fold_char};
use crate::text::{byte, char_at, from, sub};
use rustc_hash::{FxHashMap as HashMap, FxHashSet};
use serde::{Deserialize, Serialize};

macro_rules! sections {
    ($($(#[$doc:meta])* $variant:ident $name:literal $clins:literal $label:literal,)*) => {
        /// The closed set of section kinds that titles are mapped to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum SectionKind { $($(#[$doc])* $variant,)* }

        impl SectionKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name used in JSON.
            pub const fn name(self) -> &'static str { match self { $(Self::$variant => $name,)* } }

            /// The JP-CLINS document section code, empty where CLINS has none.
            pub const fn clins(self) -> &'static str { match self { $(Self::$variant => $clins,)* } }

            /// The Japanese title that a reader is shown.
            pub const fn label(self) -> &'static str { match self { $(Self::$variant => $label,)* } }

            /// The kind of that JSON name.
            pub fn from_name(name: &str) -> Option<Self> { match name { $($name => Some(Self::$variant),)* _ => None } }
        }
    };
}

sections! {
    /// Text before any title, or under a title of no known kind (その他).
    #[default] Other "other" "" "本文",
    /// Age, sex, dates of admission (基本情報).
    Demographics "demographics" "" "基本情報",
    /// SOAP の S.
    Subjective "subjective" "" "S 主観的情報",
    /// SOAP の O.
    Objective "objective" "" "O 客観的情報",
    /// SOAP の A.
    Assessment "assessment" "" "A 評価",
    /// SOAP の P (計画).
    Plan "plan" "422" "P 計画",
    /// SOAP の A/P.
    AssessmentPlan "assessment_plan" "" "A/P 評価と計画",
    /// A problem title and what stands under it (プロブレム).
    Problem "problem" "" "# プロブレム",
    /// 主訴.
    ChiefComplaint "chief_complaint" "352" "主訴",
    /// 現病歴.
    PresentIllness "present_illness" "360" "現病歴",
    /// 既往歴.
    PastHistory "past_history" "370" "既往歴",
    /// 家族歴.
    FamilyHistory "family_history" "550" "家族歴",
    /// 社会歴・生活習慣.
    SocialHistory "social_history" "640" "生活歴",
    /// アレルギー.
    Allergy "allergy" "510" "アレルギー",
    /// 予防接種.
    Immunization "immunization" "530" "予防接種",
    /// 入院理由.
    AdmissionReason "admission_reason" "312" "入院理由",
    /// 入院時詳細.
    AdmissionDetails "admission_details" "322" "入院時詳細",
    /// 入院時診断.
    AdmissionDiagnosis "admission_diagnosis" "342" "入院時診断",
    /// 退院時診断, 診断名.
    DischargeDiagnosis "discharge_diagnosis" "344" "診断",
    /// 入院中経過.
    HospitalCourse "hospital_course" "333" "経過",
    /// 退院時詳細.
    DischargeDetails "discharge_details" "324" "退院時状況",
    /// 退院時方針.
    DischargePlan "discharge_plan" "424" "退院時方針",
    /// 入院中投薬, 内服薬, 処方.
    Medication "medication" "432" "投薬",
    /// 退院時投薬.
    DischargeMedication "discharge_medication" "444" "退院時投薬",
    /// 身体所見, 現症.
    PhysicalExam "physical_exam" "612" "身体所見",
    /// 検査所見.
    Laboratory "laboratory" "623" "検査所見",
    /// 画像所見.
    Imaging "imaging" "623" "画像所見",
    /// 治療, 手術, 処置.
    Treatment "treatment" "713" "治療",
    /// 事前指示.
    AdvanceDirective "advance_directive" "410" "事前指示",
    /// 機器.
    Device "device" "810" "機器",
    /// 研究参加.
    Research "research" "830" "研究参加",
    /// What was only thought of or asked for, not observed: 想定した有害事象, 検査目的.
    Consideration "consideration" "" "検討事項",
}

impl SectionKind {
    /// Whether what stands in the section tells of a time before this illness.
    pub const fn is_history(self) -> bool {
        matches!(self, Self::PastHistory)
    }
}

/// The specimen that a heading names for the results under it (尿所見, 髄液所見).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Specimen {
    /// No heading named one.
    #[default]
    Unstated,
    /// 血液.
    Blood,
    /// 尿.
    Urine,
    /// 髄液.
    Csf,
    /// 便.
    Stool,
    /// 胸水.
    Pleural,
    /// 腹水.
    Ascites,
    /// 関節液.
    Joint,
    /// 喀痰.
    Sputum,
    /// 気管支肺胞洗浄液.
    Bal,
    /// 血液ガス.
    Gas,
    /// Anything else.
    Other,
}

impl Specimen {
    /// Whether its title heads what follows on the line. An effusion is a finding as well: 「腹水：(-)」 denies it,
    /// 「腹水：蛋白 2.1」 heads its results.
    fn heads(self, rest: &str) -> bool {
        !matches!(self, Self::Pleural | Self::Ascites | Self::Joint) || rest.trim().is_empty() || rest.bytes().any(|b| b.is_ascii_digit())
    }

    /// The specimen of that name in the tables; `Other` for one that is not known.
    pub fn from_name(name: &str) -> Self {
        match name {
            "" => Self::Unstated,
            "blood" => Self::Blood,
            "urine" => Self::Urine,
            "csf" => Self::Csf,
            "stool" => Self::Stool,
            "pleural" => Self::Pleural,
            "ascites" => Self::Ascites,
            "joint" => Self::Joint,
            "sputum" => Self::Sputum,
            "bal" => Self::Bal,
            "gas" => Self::Gas,
            _ => Self::Other,
        }
    }
}

/// A section of a note, in bytes of the normalised text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section {
    /// What it is.
    pub kind: SectionKind,
    /// The specimen that its title names.
    pub specimen: Specimen,
    /// The title as written, with its marks; empty when the section has none.
    pub title: (usize, usize),
    /// What stands under the title.
    pub content: (usize, usize),
}

/// The titles that sections are recognised by.
#[derive(Debug, Default, Clone)]
pub struct SectionTitles {
    titles: HashMap<String, (SectionKind, Specimen)>,
    /// What they begin with: most of what is looked up does not.
    firsts: FxHashSet<char>,
}

/// No title in use is longer than this many bytes, spaces included.
const LONGEST: usize = 120;

impl SectionTitles {
    /// Adds a title.
    pub fn insert(&mut self, title: &str, kind: SectionKind, specimen: Specimen) {
        let key = key(&fold(title));
        self.firsts.extend(key.chars().next());
        self.titles.insert(key, (kind, specimen));
    }

    fn get(&self, title: &str) -> Option<(SectionKind, Specimen)> {
        if title.len() > LONGEST || !title.chars().find(|c| !c.is_whitespace()).is_some_and(|c| self.firsts.contains(&fold_char(c))) {
            return None;
        }
        let k = key(title);
        let k = k.trim_end_matches(':');
        self.titles.get(k).or_else(|| self.titles.get(k.strip_suffix(')')?.split('(').next().filter(|s| !s.is_empty())?)).copied()
    }

    /// Whether the whole of `title` is one, and not only what stands before its parenthesis.
    fn holds(&self, title: &str) -> bool {
        self.titles.contains_key(key(title).trim_end_matches(':'))
    }

    /// Splits a normalised text into sections, in order, covering it.
    pub fn split(&self, text: &str) -> Vec<Section> {
        let mut s = Splitter { titles: self, text, out: Vec::new(), soap: false };
        s.open(SectionKind::Other, Specimen::Unstated, (0, 0));
        let mut at = 0;
        for line in text.split('\n') {
            s.line(at, at + line.len());
            at += line.len() + 1;
        }
        s.close(text.len());
        s.out
    }
}

/// A title's key: `title` is normalised already, as everything that is read from a note here.
fn key(title: &str) -> String {
    title.chars().filter(|c| !c.is_whitespace()).map(fold_char).collect()
}

struct Splitter<'a> {
    titles: &'a SectionTitles,
    text: &'a str,
    out: Vec<Section>,
    soap: bool,
}

impl Splitter<'_> {
    fn open(&mut self, kind: SectionKind, specimen: Specimen, title: (usize, usize)) {
        self.close(title.0);
        self.out.push(Section { kind, specimen, title, content: (title.1, title.1) });
    }

    fn close(&mut self, at: usize) {
        if let Some(last) = self.out.last_mut() {
            last.content.1 = at.max(last.content.0);
        }
    }

    fn kind(&self) -> SectionKind {
        self.out.last().map_or(SectionKind::Other, |s| s.kind)
    }

    fn line(&mut self, start: usize, end: usize) {
        let indent = sub(self.text, start, end).len() - sub(self.text, start, end).trim_start().len();
        let (a, line) = (start + indent, sub(self.text, start, end).trim());
        if line.is_empty() {
            return;
        }
        if line.starts_with("||") {
            return self.table_row(a, line);
        }
        if line == "</>" {
            return self.open(SectionKind::Other, Specimen::Unstated, (a, a + line.len()));
        }
        let body = if line.starts_with('#') { self.hash(a, line) } else { self.bracketed(a, line).or_else(|| self.soap(a, line)).or_else(|| self.bare(a, line)) };
        self.inline(body.unwrap_or(a), a + line.len());
    }

    /// `## O`, `# 既往歴`, `#1 肺炎`, `＃高血圧症`. Returns where the content starts.
    fn hash(&mut self, a: usize, line: &str) -> Option<usize> {
        let level = line.bytes().take_while(|b| *b == b'#').count();
        let title = line.trim_start_matches('#');
        let lead = line.len() - title.trim_start_matches([' ', '.', ')', ':']).len();
        let title = title.trim();
        let end = a + line.len();
        if let Some((kind, specimen)) = self.titles.get(title).or_else(|| soap_kind(title).map(|k| (k, Specimen::Unstated))) {
            self.open(kind, specimen, (a, end));
            return Some(end);
        }
        // `## O 左踵部に…`: the letter is the title, the rest of the line its content
        let letters = title.bytes().take_while(|b| matches!(b, b'S' | b'O' | b'A' | b'P' | b'/' | b'&' | b'+')).count();
        if let Some(kind) = title.get(..letters).and_then(|l| soap_kind(l.trim_end_matches('/')))
            && title.get(letters..).is_some_and(|r| r.starts_with([' ', '\t', ':', ')', '「']))
        {
            let at = a + line.find(title)? + letters;
            self.open(kind, Specimen::Unstated, (a, at));
            self.soap = true;
            return Some(at);
        }
        if (2..5).contains(&level) {
            // a heading of a form: it is not the note's own statement
            self.open(SectionKind::Other, Specimen::Unstated, (a, end));
            return Some(end);
        }
        // `#既往歴:高血圧` keeps its text as content
        if let Some((t, _)) = title.split_once(':')
            && let Some((kind, specimen)) = self.titles.get(t)
        {
            let at = a + line.find(':')? + 1;
            self.open(kind, specimen, (a, at));
            return Some(at);
        }
        if title.is_empty() {
            return None;
        }
        self.open(SectionKind::Problem, Specimen::Unstated, (a, a + lead.min(line.len())));
        None.or(Some(a + lead.min(line.len())))
    }

    /// `<現病歴>`, `【既往歴】`, `[家族歴]`, `◆検査所見◆`, `■主訴`, `(S)`.
    fn bracketed(&mut self, a: usize, line: &str) -> Option<usize> {
        let open = line.chars().next()?;
        let close = match open {
            '<' => '>',
            '【' => '】',
            '[' => ']',
            '〈' => '〉',
            '《' => '》',
            '〔' => '〕',
            '「' => '」',
            '(' => ')',
            '◆' | '■' | '●' | '▼' | '◇' | '□' | '○' | '★' | '☆' | '◎' | '▽' | '▲' | '△' | '※' | '・' | '*' | '=' | '-' => open,
            _ => return None,
        };
        let inner = line.get(open.len_utf8()..)?;
        let paired = inner.find(close);
        let end = paired.filter(|e| *e > 0).or_else(|| (open == close).then(|| inner.find(':').unwrap_or(inner.len())))?;
        let title = inner.get(..end)?.trim();
        let soap = if open == close { None } else { soap_kind(title) };
        let (kind, specimen) = self.titles.get(title).or(soap.map(|k| (k, Specimen::Unstated)))?;
        let mut after = open.len_utf8() + end;
        if paired == Some(end) {
            after += close.len_utf8();
        }
        if byte(line, after) == b':' {
            after += 1;
        }
        self.open(kind, specimen, (a, a + after));
        self.soap |= soap.is_some();
        Some(a + after)
    }

    /// `S)`, `O:`, `A/P`, `S　…`, `S「…`.
    fn soap(&mut self, a: usize, line: &str) -> Option<usize> {
        let letters = line.bytes().take_while(|b| matches!(b, b'S' | b'O' | b'A' | b'P' | b'/' | b'&' | b'+')).count();
        let kind = soap_kind(line.get(..letters)?.trim_end_matches('/'))?;
        let rest = from(line, letters);
        let mark = rest.chars().next();
        let accept = match mark {
            None => true,
            Some(')' | ':' | '>' | ']' | '】' | '、' | '「') => true,
            Some('.' | '(') => char_at(rest, 1).is_none_or(|c| !c.is_ascii_alphanumeric()) || mark == Some('('),
            Some(' ' | '\t') => {
                let next = rest.trim_start().chars().next().unwrap_or('\0');
                let short = letters == 1 && matches!(line.as_bytes().first(), Some(b'A' | b'P'));
                !(next.is_ascii_lowercase() || short && (!self.soap || next.is_ascii_digit()) || next.is_ascii_digit() && letters == 1 && line.starts_with('S'))
            }
            _ => false,
        };
        if !accept {
            return None;
        }
        self.soap = true;
        let after = letters + if matches!(mark, Some(')' | ':' | '>' | ']' | '】' | '.' | '、')) { mark.map_or(0, char::len_utf8) } else { 0 };
        let after = if byte(line, after) == b':' { after + 1 } else { after };
        self.open(kind, Specimen::Unstated, (a, a + after));
        Some(a + after)
    }

    /// `既往歴:…`, `既往歴 …`, a title alone on its line.
    fn bare(&mut self, a: usize, line: &str) -> Option<usize> {
        let whole = line;
        let line = whole.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ')' | ' ' | '①'..='⑳'));
        let a = a + (whole.len() - line.len());
        if let Some((kind, specimen)) = self.titles.get(line) {
            // 「併用薬(ユニフィル、キプレス)」: what a title does not hold by itself is content
            let end = if self.titles.holds(line) { line.len() } else { line.find('(').unwrap_or(line.len()) };
            self.open(kind, specimen, (a, a + end));
            return Some(a + end);
        }
        for (i, mark) in line.char_indices().filter(|(i, c)| *i > 0 && *i < 60 && matches!(c, ':' | ' ' | '\t' | '>' | '/')).take(4) {
            if let Some((kind, specimen)) = self.titles.get(sub(line, 0, i)) {
                let rest = sub(line, i + mark.len_utf8(), line.len());
                if mark == '/' && line.len() < i + 2 || !specimen.heads(rest) {
                    continue;
                }
                let head = sub(line, 0, i);
                let end = if self.titles.holds(head) { i + mark.len_utf8() } else { head.find('(').unwrap_or(i + mark.len_utf8()) };
                self.open(kind, specimen, (a, a + end));
                return Some(a + end);
            }
        }
        None
    }

    /// Titles that stand inside a line: `…受診した。既往歴:…`.
    fn inline(&mut self, start: usize, end: usize) {
        let line = sub(self.text, start, end);
        let mut found: Vec<(usize, usize, SectionKind, Specimen)> = Vec::new();
        // (S) … (O) … in one line
        for (i, _) in line.match_indices('(').filter(|_| self.soap) {
            if let (Some(kind), true) = (line.get(i + 1..i + 2).and_then(soap_kind), byte(line, i + 2) == b')') {
                found.push((start + i, start + i + 3, kind, Specimen::Unstated));
            }
        }
        // 【症例】…【主訴】… in one line
        for (i, open) in line.match_indices('【') {
            let inner = from(line, i + open.len());
            let Some(len) = inner.char_indices().take(40).find(|c| c.1 == '】').map(|c| c.0) else { continue };
            if let Some((kind, specimen)) = self.titles.get(sub(inner, 0, len).trim()) {
                found.push((start + i, start + i + open.len() + len + '】'.len_utf8(), kind, specimen));
            }
        }
        for (i, _) in line.match_indices(':') {
            // no title is longer than this, and looking further back would be quadratic
            let mut floor = i.saturating_sub(LONGEST);
            while !line.is_char_boundary(floor) {
                floor += 1;
            }
            let before = sub(line, floor, i);
            let clause = before.rfind(['。', ';', '】', '」']).map_or(0, |p| p + char_at(before, p).map_or(1, char::len_utf8));
            let head = sub(before, clause, before.len());
            let word = head.rfind([' ', '、', ',', ')', '.', ':']).map_or(0, |p| p + char_at(head, p).map_or(1, char::len_utf8));
            for at in [floor + clause, floor + clause + word] {
                let title = sub(line, at, i);
                let lead = title.len() - title.trim_start().len();
                if at + lead == i || (at == 0 && start + at != self.out.last().map_or(0, |s| s.content.0) && self.out.last().is_some_and(|s| s.title.1 == start + i + 1)) {
                    continue;
                }
                let letter = if self.soap && at + lead > 0 { soap_kind(title).map(|k| (k, Specimen::Unstated)) } else { None };
                if let Some((kind, specimen)) = self.titles.get(title.trim()).or(letter).filter(|t| t.1.heads(sub(line, i + 1, line.len()))) {
                    found.push((start + at + lead, start + i + 1, kind, specimen));
                    break;
                }
            }
        }
        found.sort_by_key(|f| f.0);
        for (at, end, kind, specimen) in found {
            // a title that opens the line was opened with it
            if self.out.last().is_some_and(|s| s.title.1 <= at) {
                self.open(kind, specimen, (at, end));
            }
        }
    }

    /// `|| 主訴 || || 呼吸苦 ||`: cells that are titles open a section, a row of titles opens the table under it.
    fn table_row(&mut self, a: usize, line: &str) {
        let mut cells: Vec<(usize, usize)> = Vec::new();
        let mut at = 0;
        for cell in line.split("||") {
            let lead = cell.len() - cell.trim_start().len();
            if !cell.trim().is_empty() {
                cells.push((a + at + lead, a + at + lead + cell.trim().len()));
            }
            at += cell.len() + 2;
        }
        let Some(&(s, e)) = cells.first() else { return };
        if sub(self.text, s, e) == "#" {
            let kind = cells.iter().find_map(|&(s, e)| self.titles.get(sub(self.text, s, e)));
            let (kind, specimen) = kind.unwrap_or((SectionKind::Other, Specimen::Unstated));
            return self.open(kind, specimen, (a, a + line.len()));
        }
        for (s, e) in cells {
            if let Some((kind, specimen)) = self.titles.get(sub(self.text, s, e)) {
                // 「退院時診断」 inside a row of another table keeps that table's kind
                if !(kind == SectionKind::Other && self.kind() == SectionKind::DischargeDiagnosis) {
                    self.open(kind, specimen, (s, e));
                }
            }
        }
    }
}

fn soap_kind(letters: &str) -> Option<SectionKind> {
    Some(match letters.trim() {
        "S" | "(S)" => SectionKind::Subjective,
        "O" | "(O)" => SectionKind::Objective,
        "S/O" | "SO" | "S&O" => SectionKind::Objective,
        "A" | "(A)" => SectionKind::Assessment,
        "P" | "(P)" => SectionKind::Plan,
        "A/P" | "AP" | "A&P" | "A+P" | "A/" => SectionKind::AssessmentPlan,
        _ => return None,
    })
}
