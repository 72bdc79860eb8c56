package complete

import (
	"go/doc/comment"
	"strings"
)

// render writes the sheet: the declaration, what is known, the comment, lists, the source.
func (s *sheet) render() Description {
	var plain, marked strings.Builder
	part := func(b *strings.Builder, text string) {
		text = strings.TrimRight(text, "\n")
		if text == "" {
			return
		}
		if b.Len() > 0 {
			b.WriteString("\n\n")
		}
		b.WriteString(text)
	}
	code := func(language, text string) {
		part(&plain, text)
		if text != "" {
			part(&marked, fence(language, text))
		}
	}
	if s.source == "" {
		code("go", s.decl)
	} else {
		part(&plain, s.decl)
		part(&marked, fence("go", s.source))
	}
	code("", strings.Join(s.values, "\n"))
	part(&plain, strings.Join(s.facts, "\n"))
	facts := make([]string, len(s.facts))
	for i, f := range s.facts {
		facts[i] = escape.Replace(f)
	}
	part(&marked, strings.Join(facts, "  \n"))
	if s.doc != "" {
		text, markdown := s.comment()
		part(&plain, text)
		part(&marked, markdown)
	}
	code("go", strings.Join(s.more, "\n"))
	part(&plain, s.source)
	if s.link != "" {
		part(&marked, "<"+s.link+">")
	}
	return Description{plain.String(), marked.String()}
}

// escape keeps text from being taken for Markdown.
var escape = strings.NewReplacer("\\", "\\\\", "*", "\\*", "_", "\\_", "`", "\\`", "<", "\\<", "[", "\\[", "#", "\\#")

func fence(language, text string) string {
	marks := "```"
	for strings.Contains(text, marks) {
		marks += "`"
	}
	return marks + language + "\n" + text + "\n" + marks
}

// comment is the comment as text and as Markdown.
func (s *sheet) comment() (text, markdown string) {
	p := comment.Parser{LookupPackage: func(name string) (string, bool) {
		paths := s.q.packages()[name]
		if len(paths) != 1 {
			return "", false
		}
		return paths[0], true
	}}
	doc := p.Parse(s.doc)
	printer := comment.Printer{HeadingLevel: 4, DocLinkBaseURL: "https://pkg.go.dev"}
	return string(printer.Text(doc)), string(printer.Markdown(doc))
}

// synopsis is the first sentence of a comment.
func synopsis(doc string) string {
	doc = strings.Join(strings.Fields(firstParagraph(doc)), " ")
	if i := strings.Index(doc, ". "); i >= 0 {
		return doc[:i+1]
	}
	return doc
}

func firstParagraph(doc string) string {
	first, _, _ := strings.Cut(doc, "\n\n")
	return first
}
