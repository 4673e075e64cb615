/* hellaswag - HellaSwag's texts, cleaned as the Language Model Evaluation Harness does
 * (coppice-method(7), CHOICE TASKS)
 */
#ifndef COPPICE_HELLASWAG_H
#define COPPICE_HELLASWAG_H

/* Returns text, which is valid UTF-8, without what WikiHow's headings left in it; new. */
char *hellaswag_clean(const char *text);
/* Returns the prompt of a question: its activity's label and both halves of its context; new. */
char *hellaswag_query(const char *label, const char *ctx_a, const char *ctx_b);

#endif
