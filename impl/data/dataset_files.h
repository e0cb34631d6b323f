/* What reader, writer and `data check` share about the files of a data set folder. */
#ifndef L4R_DATA_DATASET_FILES_H
#define L4R_DATA_DATASET_FILES_H

enum {
  L4R_FILE_TRAIN,
  L4R_FILE_VALIDATION,
  L4R_FILE_TEST,
  L4R_FILE_ITEMS,
  L4R_FILE_TIMES, /* the only optional one */
  L4R_DATASET_FILES,
};

#define L4R_ITEMS_HEADER "item\tsource_id\ttitle\tbrand\tcategories"

extern const char *const l4r_dataset_file[L4R_DATASET_FILES]; /* names inside the folder */

/* The data set's identity: the SHA-256 of the list "name hash\n" of the files that are there (an
 * empty hash means the file is absent), in the order above. Pure. */
void l4r_dataset_identity(const char hash[L4R_DATASET_FILES][65], char identity[65]);

#endif
