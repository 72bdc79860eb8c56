package ray

import (
	"cmp"
	"context"
	"strings"
	"sync"
	"time"
)

// names are those that a reader recognises nodes by: their own, where they differ, else their addresses, else the starts
// of their ids. A name stays. It is safe for concurrent use.
type names struct {
	mu    sync.Mutex
	byID  map[string]string
	known map[string]Node // with every node that ever had a name, so that none is named like another
}

// add names the nodes that have no name.
func (n *names) add(nodes []Node) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.byID == nil {
		n.byID, n.known = map[string]string{}, map[string]Node{}
	}
	for _, node := range nodes {
		if _, ok := n.known[node.ID]; !ok {
			n.known[node.ID] = node
		}
	}
	for _, form := range []func(Node) string{
		func(n Node) string { return n.Host },
		func(n Node) string { return n.Address },
		func(n Node) string { return shortID(n.ID) },
	} {
		uses := map[string]int{}
		for _, node := range n.known {
			uses[form(node)]++
		}
		for _, node := range nodes {
			if name := form(node); n.byID[node.ID] == "" && name != "" && uses[name] == 1 {
				n.byID[node.ID] = name
			}
		}
	}
}

func (n *names) of(id string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.byID[id]
}

// in is text with names in place of ids.
func (n *names) in(text string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	for id, name := range n.byID {
		text = strings.ReplaceAll(text, id, name)
	}
	return text
}

func shortID(id string) string { return id[:min(len(id), 8)] }

// namesTimeout is for the cluster to say which nodes it has now.
const namesTimeout = 5 * time.Second

// nodeName is the name of a node, which may have come after the engine was opened.
func (e *Engine) nodeName(id string) string {
	if id == "" {
		return ""
	}
	if name := e.names.of(id); name != "" {
		return name
	}
	ctx, cancel := context.WithTimeout(context.Background(), namesTimeout)
	defer cancel()
	r, err := e.session.call(ctx, command{Kind: "nodes"}, nil)
	if err == nil {
		e.names.add(r.Nodes)
	}
	e.names.add([]Node{{ID: id}}) // gone again
	return cmp.Or(e.names.of(id), id)
}
