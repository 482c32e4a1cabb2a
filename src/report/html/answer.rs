//! The answer in one paragraph of plain words.

use crate::portrait::Portrait;
use crate::report::number::significant;

/// An importance that is positive, or negative, with at least this probability counts as such.
const SURE: f64 = 0.95;
/// FKs named at most.
const MOST_NAMED: usize = 4;

/// Which FKs matter, how sure that is, whether the plug-in may be used, and what to do next.
pub(super) fn in_words(of: &Portrait) -> String {
    let fit = of.fit();
    let mut sentences = Vec::new();
    if !fit.diagnostics.ok {
        sentences.push(
            "The chains below are not to be trusted, so take every figure as provisional."
                .to_owned(),
        );
    }
    sentences.push(who_matters(of));
    sentences.extend(who_harms(of));
    sentences.extend(who_is_first(of));
    sentences.push(format!("The plug-in formula: {}.", fit.plugin_verdict));
    if let Some(step) = &fit.next_step {
        sentences.push(format!("What to do next: {step}."));
    }
    sentences.join(" ")
}

fn quoted(of: &Portrait, fks: &[usize]) -> String {
    let named = fks.iter().take(MOST_NAMED);
    let named = named.filter_map(|&fk| of.fit().fitted.data.fks.name(fk));
    let named: Vec<String> = named.map(|name| format!("'{name}'")).collect();
    match (fks.len().saturating_sub(MOST_NAMED), named.as_slice()) {
        (0, [all @ .., last]) if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        (0, names) => names.join(", "),
        (1, names) => format!("{} and one other", names.join(", ")),
        (more, names) => format!("{} and {more} others", names.join(", ")),
    }
}

/// FKs whose probability of being positive passes a test, the largest posterior median first.
fn those(of: &Portrait, test: impl Fn(f64) -> bool) -> Vec<usize> {
    let passes = |fk: &usize| test(of.fit().ranking[*fk].p_positive);
    of.order().iter().copied().filter(passes).collect()
}

fn who_matters(of: &Portrait) -> String {
    let k = of.fit().fitted.data.k;
    let matter = those(of, |p| p >= SURE);
    match (matter.len(), k) {
        (0, 1) => "It is not certain that the foreign key matters at all.".to_owned(),
        (0, _) => format!(
            "Of none of the {k} foreign keys is it certain that it matters: no importance is positive with \
             a probability of {:.0} %.",
            100.0 * SURE
        ),
        (1, 1) => format!("The foreign key {} matters.", quoted(of, &matter)),
        (all, _) if all == k => format!(
            "All {k} foreign keys matter, above all {}.",
            quoted(of, &matter)
        ),
        (1, _) => format!(
            "One of the {k} foreign keys surely matters: {}.",
            quoted(of, &matter)
        ),
        (some, _) => format!(
            "{some} of the {k} foreign keys surely matter: {}.",
            quoted(of, &matter)
        ),
    }
}

fn who_harms(of: &Portrait) -> Option<String> {
    let mut harm = those(of, |p| p <= 1.0 - SURE);
    harm.reverse();
    (!harm.is_empty()).then(|| {
        format!(
            "{} {} a negative importance: predictions get better without what arrives through {}.",
            quoted(of, &harm),
            if harm.len() == 1 { "has" } else { "have" },
            if harm.len() == 1 { "it" } else { "them" }
        )
    })
}

fn who_is_first(of: &Portrait) -> Option<String> {
    let fit = of.fit();
    let first = (0..fit.ranking.len())
        .max_by(|&i, &j| fit.ranking[i].p_best.total_cmp(&fit.ranking[j].p_best))
        .filter(|_| fit.ranking.len() > 1)?;
    let figures = fit.fk(first)?;
    let (rank, alpha) = (figures.rank, figures.alpha);
    Some(format!(
        "'{}' is the most important with a probability of {}: {}, with 90 % between {} and {}.",
        rank.fk,
        percent(rank.p_best),
        significant(alpha.q50, 3),
        significant(alpha.q5, 3),
        significant(alpha.q95, 3)
    ))
}

/// A probability in words: draws, of which there are finitely many, make nothing certain.
fn percent(p: f64) -> String {
    if p > 0.995 {
        "more than 99 %".to_owned()
    } else {
        format!("{:.0} %", 100.0 * p)
    }
}
