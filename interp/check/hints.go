package check

func (a *attempt) hints(e typeError) []Note { return nil }
