int neighbour_answer(void);
int call_neighbour(void);
int call_neighbour(void) { return neighbour_answer(); }
