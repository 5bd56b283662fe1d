using System.Globalization;
using System.Text;
using Dit.Evaluation.Plots;

namespace Dit.Audit.Page;

/// <summary>How the page looks: light and dark, on a phone and on paper.</summary>
internal static class PageStyle
{
    // It stands in an element whose text is not read as HTML, so it must have no character that would be escaped.
    private const string Rules = """

        :root { color-scheme: light dark; --paper: #fbfaf8; --card: #ffffff; --ink: #1d2126; --soft: #575e68; --line: #d9d9d4; --track: #e7e6e1;
          --accent: #31688e; --below: #8a5a2b; --mark: #fdf3d0; --good: #22704a; --doubt: #94600a; --bad: #b3261e; }
        @media (prefers-color-scheme: dark) { :root { --paper: #14171a; --card: #1c2024; --ink: #e8e8e4; --soft: #a5adb6; --line: #363c43; --track: #2b3036;
          --accent: #6fb3d9; --below: #d6a067; --mark: #3a3214; --good: #6fcf9b; --doubt: #f0b95a; --bad: #ff8a80; } }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
        main { max-width: 54rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; overflow-wrap: anywhere; }
        h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 1rem; }
        h2 { font-size: 1.3rem; line-height: 1.3; margin: 2.75rem 0 .5rem; }
        h3 { font-size: 1.05rem; line-height: 1.35; margin: 1.75rem 0 .4rem; }
        header h2 { margin-top: 1.5rem; }
        p, ul, ol, dl, figure { margin: .5rem 0 .75rem; }
        ul, ol { padding-left: 1.4rem; }
        .eyebrow { margin: 0; color: var(--soft); font-size: .9rem; }
        .verdict { border: 1px solid var(--line); border-left: .5rem solid var(--state); border-radius: .5rem; background: var(--card); padding: .9rem 1.1rem; }
        .verdict p { margin: 0 0 .4rem; }
        .verdict .title { color: var(--state); font-weight: 700; }
        .verdict .sentence { font-size: 1.3rem; line-height: 1.35; font-weight: 600; }
        .verdict svg.bar { max-width: 20rem; }
        .nothing-found { --state: var(--good); }
        .changed-unclear { --state: var(--doubt); }
        .changed-as-claimed { --state: var(--bad); }
        .warning { border: 1px solid var(--doubt); border-radius: .5rem; padding: .3rem 1rem; margin: 1rem 0; }
        .claim { font-size: 1.15rem; font-weight: 600; }
        .said { background: var(--track); border-radius: .25rem; padding: 0 .3em; -webkit-box-decoration-break: clone; box-decoration-break: clone; white-space: pre-wrap; }
        code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .88em; }
        article { border: 1px solid var(--line); border-radius: .5rem; background: var(--card); padding: .2rem 1.1rem .6rem; margin: 1rem 0; }
        article h3 { margin-top: .8rem; }
        .wide { overflow-x: auto; margin: .75rem 0 1rem; }
        .wide:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        table { border-collapse: collapse; width: 100%; font-size: .93rem; overflow-wrap: break-word; }
        table .said, code { overflow-wrap: anywhere; }
        caption { text-align: left; color: var(--soft); padding-bottom: .3rem; font-size: .9rem; }
        th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); }
        thead th { color: var(--soft); font-weight: 500; font-size: .85rem; vertical-align: bottom; }
        tbody th { font-weight: 400; }
        tbody th, td { min-width: 6.5rem; }
        .talk { border-left: 3px solid var(--line); padding-left: .9rem; margin: .9rem 0; }
        td.number { white-space: nowrap; font-variant-numeric: tabular-nums; min-width: 0; }
        td.bar { width: 32%; min-width: 5rem; }
        svg.bar { display: block; width: 100%; height: .7rem; margin-top: .45rem; }
        .track { fill: var(--track); } .fill { fill: var(--accent); } .below { fill: var(--below); }
        tr.marked th, tr.marked td { background: var(--mark); }
        tr.fails td, tr.fails th { color: var(--bad); font-weight: 600; }
        .mark { color: var(--soft); font-size: .85em; font-weight: 600; }
        svg.plot { display: block; width: 100%; max-width: 30rem; height: auto; font-size: 12px; }
        figcaption { color: var(--soft); font-size: .9rem; max-width: 34rem; }
        .plot text { fill: var(--ink); } .plot .small { fill: var(--soft); font-size: 11px; } .plot .strong { font-weight: 700; }
        .axis { stroke: var(--soft); } .grid { stroke: var(--line); } .diagonal { stroke: var(--soft); stroke-dasharray: 5 4; }
        .dot { fill: var(--soft); fill-opacity: .55; stroke: var(--card); } .dot.claimed { fill: var(--accent); fill-opacity: 1; }
        table.heat { width: auto; border-collapse: separate; border-spacing: 2px; font-size: .78rem; }
        .heat caption { white-space: normal; }
        .heat tbody th, .heat thead th { border: 0; padding: .2rem .5rem .2rem 0; min-width: 0; text-align: right; }
        .heat thead th + th { text-align: center; padding-right: 0; }
        .heat td { border: 0; border-radius: 2px; padding: .25rem .2rem; min-width: 2.7rem; text-align: center; font-variant-numeric: tabular-nums; }
        .heat .empty { background: var(--track); color: var(--soft); } .heat .broken { background: var(--bad); color: var(--paper); }
        details { margin: .5rem 0; } summary { cursor: pointer; color: var(--accent); padding: .2rem 0; }
        dl div { display: grid; grid-template-columns: 8rem 1fr; gap: .6rem; padding: .2rem 0; border-bottom: 1px solid var(--line); }
        dt { color: var(--soft); } dd { margin: 0; }
        @media (max-width: 34rem) { body { font-size: .95rem; } h1 { font-size: 1.4rem; } .verdict .sentence { font-size: 1.12rem; } td.bar { min-width: 3.5rem; }
          dl div { grid-template-columns: 1fr; gap: 0; } .heat td { min-width: 2.35rem; padding: .25rem .1rem; font-size: .7rem; } }
        @media print { :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #ccc; --track: #e7e6e1; --accent: #31688e; --below: #8a5a2b; --mark: #fdf3d0;
            --good: #22704a; --doubt: #94600a; --bad: #b3261e; }
          body { font-size: 10pt; } main { max-width: none; padding: 0; } .wide { overflow: visible; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          tr, article h3, figure, .verdict { break-inside: avoid; } h2, h3 { break-after: avoid; } }

        """;

    /// <summary>The style sheet.</summary>
    public static string Text { get; } = Rules + Heat();

    private static string Heat()
    {
        var rules = new StringBuilder();
        for (var shade = 0; shade < DiffPart.Shades; shade++)
        {
            var colour = Viridis.At((double)shade / (DiffPart.Shades - 1));
            rules.Append(CultureInfo.InvariantCulture, $".heat .h{shade} {{ background: {colour.Hex}; color: {(colour.IsLight ? "#1a1a1a" : "#ffffff")}; }}\n");
        }

        return rules.ToString();
    }
}
