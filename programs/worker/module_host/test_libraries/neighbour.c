int neighbour_answer(void);
int neighbour_answer(void) { return 42; }
