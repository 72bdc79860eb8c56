package rt

import (
	"strings"
	"text/template/parse"
)

// What becomes of the value that a field, or the dot, has: it is printed, it is one that may be ranged over or kept,
// or it is one that a function looks at.
const (
	printed = "p"
	kept    = "k"
	looked  = "l"
)

// printers are the functions of templates that print their arguments.
var printers = map[string]bool{"print": true, "printf": true, "println": true, "html": true, "js": true, "urlquery": true}

func rewriteList(l *parse.ListNode) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			rewritePipe(n.Pipe, kept)
			if len(n.Pipe.Decl) == 0 && !printsItself(n.Pipe) {
				n.Pipe.Cmds = append(n.Pipe.Cmds, command(n.Pipe.Pos, identifier(outFunc, n.Pipe.Pos)))
			}
		case *parse.IfNode:
			rewriteBranch(&n.BranchNode, looked)
		case *parse.WithNode:
			rewriteBranch(&n.BranchNode, kept)
		case *parse.RangeNode:
			rewriteBranch(&n.BranchNode, kept)
		case *parse.TemplateNode:
			rewritePipe(n.Pipe, kept)
		case *parse.ListNode:
			rewriteList(n)
		}
	}
}

// printsItself says whether a pipe ends in a function that gives text; html/template wants some of them last.
func printsItself(p *parse.PipeNode) bool {
	f, ok := p.Cmds[len(p.Cmds)-1].Args[0].(*parse.IdentifierNode)
	return ok && printers[f.Ident]
}

func rewriteBranch(b *parse.BranchNode, mode string) {
	rewritePipe(b.Pipe, mode)
	rewriteList(b.List)
	rewriteList(b.ElseList)
}

// rewritePipe rewrites commands; mode is what becomes of the last one's value.
func rewritePipe(p *parse.PipeNode, mode string) {
	if p == nil {
		return
	}
	for i, c := range p.Cmds {
		m := mode
		if i+1 < len(p.Cmds) {
			m = looked
			if f, ok := p.Cmds[i+1].Args[0].(*parse.IdentifierNode); ok && printers[f.Ident] {
				m = printed
			}
		}
		rewriteCommand(c, m)
	}
}

func rewriteCommand(c *parse.CommandNode, mode string) {
	argMode := looked
	if f, ok := c.Args[0].(*parse.IdentifierNode); ok && printers[f.Ident] {
		argMode = printed
	}
	for i := 1; i < len(c.Args); i++ {
		m := argMode
		if f, ok := c.Args[0].(*parse.IdentifierNode); ok && f.Ident == "index" && i == 1 {
			m = kept
		}
		c.Args[i] = rewriteArg(c.Args[i], m)
	}
	switch first := c.Args[0].(type) {
	case *parse.FieldNode, *parse.ChainNode, *parse.VariableNode:
		if call := fieldCall(first, mode); call != nil {
			c.Args = append(call, c.Args[1:]...)
			return
		}
	case *parse.IdentifierNode:
		return
	}
	if len(c.Args) > 1 {
		return
	}
	n := rewriteArg(c.Args[0], mode)
	if pipe, ok := n.(*parse.PipeNode); ok && pipe != c.Args[0] && len(pipe.Cmds) == 1 {
		c.Args = pipe.Cmds[0].Args
		return
	}
	c.Args[0] = n
}

// fieldCall is the call for a field or a method; nil if the node is none.
func fieldCall(n parse.Node, mode string) []parse.Node {
	pos := n.Position()
	var recv parse.Node
	var names []string
	switch n := n.(type) {
	case *parse.FieldNode:
		recv, names = &parse.DotNode{NodeType: parse.NodeDot, Pos: pos}, n.Ident
	case *parse.VariableNode:
		if len(n.Ident) == 1 {
			return nil
		}
		recv, names = &parse.VariableNode{NodeType: parse.NodeVariable, Pos: pos, Ident: n.Ident[:1]}, n.Ident[1:]
	case *parse.ChainNode:
		recv, names = rewriteArg(n.Node, kept), n.Field
	default:
		return nil
	}
	return []parse.Node{identifier(fieldFunc, pos), stringNode(mode, pos), recv, stringNode(strings.Join(names, "."), pos)}
}

// rewriteArg rewrites an argument or a command of one part.
func rewriteArg(n parse.Node, mode string) parse.Node {
	switch n := n.(type) {
	case *parse.FieldNode, *parse.ChainNode:
		return pipe(n.Position(), fieldCall(n, mode)...)
	case *parse.VariableNode:
		if call := fieldCall(n, mode); call != nil {
			return pipe(n.Pos, call...)
		}
		return asMode(n, mode)
	case *parse.DotNode:
		return asMode(n, mode)
	case *parse.PipeNode:
		rewritePipe(n, mode)
	}
	return n
}

// asMode makes a value printable, or takes it out of its box.
func asMode(n parse.Node, mode string) parse.Node {
	switch mode {
	case printed:
		return pipe(n.Position(), identifier(outFunc, n.Position()), n)
	case looked:
		return pipe(n.Position(), identifier(plainFunc, n.Position()), n)
	case kept:
		return pipe(n.Position(), identifier(keptFunc, n.Position()), n)
	}
	return n
}

func identifier(name string, pos parse.Pos) parse.Node {
	return parse.NewIdentifier(name).SetPos(pos)
}

func stringNode(s string, pos parse.Pos) parse.Node {
	return &parse.StringNode{NodeType: parse.NodeString, Pos: pos, Quoted: `"` + s + `"`, Text: s}
}

func command(pos parse.Pos, args ...parse.Node) *parse.CommandNode {
	return &parse.CommandNode{NodeType: parse.NodeCommand, Pos: pos, Args: args}
}

func pipe(pos parse.Pos, args ...parse.Node) *parse.PipeNode {
	return &parse.PipeNode{NodeType: parse.NodePipe, Pos: pos, Cmds: []*parse.CommandNode{command(pos, args...)}}
}
