package writeplan

import "testing"

func TestPlainWords(t *testing.T) {
	for _, good := range []string{
		"", "Send the win-back offer to Gold & Platinum", "redemption_rate < 5 % and falling", "R&D: costs > EUR 3", "2 * 3 is 6, not #1", "Ünïcode, العربية, ภาษาไทย, 🎉",
		"It's 5-10 days; see metrics/redemption_rate{tier=Gold}", "data: two feeds",
	} {
		if err := plainWords("title", good); err != nil {
			t.Errorf("%q refused: %v", good, err)
		}
	}
	for _, bad := range []string{
		"two\nlines", "tab\there", "bell\a", "\x1b[31mred", "zero\u200bwidth", "right\u202eleft", "line\u2028end", "bad \xff byte",
		"<script>alert(1)</script>", "<b>", "</td>", "<!-- x -->", "&lt;b&gt;", "&#60;", "[here](https://example.com)", "![](x)", "`code`", "**bold**", "__bold__", "~~gone~~",
		"# Heading", "> quoted", "- list", "1. list", "javascript:alert(1)", "   ",
	} {
		if err := plainWords("title", bad); err == nil {
			t.Errorf("%q accepted", bad)
		}
	}
}
