package display

// Input asks whoever runs the cell for a line of text, and gives it without the end of the line. It returns an error where the front
// end takes no questions, as nbclient and nbconvert do; an interrupt ends the cell.
//
//	name, err := display.Input("Your name: ")
func Input(prompt string) (string, error) { return ask(prompt, false) }

// Password asks as Input does, but the front end does not show what is typed.
//
//	key, err := display.Password("API key: ")
func Password(prompt string) (string, error) { return ask(prompt, true) }

func ask(prompt string, password bool) (string, error) {
	s, err := surface()
	if err != nil {
		return "", err
	}
	return s.Input(prompt, password)
}
