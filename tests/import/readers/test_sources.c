/* SPDX-License-Identifier: BSD-3-Clause */
/* Every source that bench/import/README.md names, by the very command it gives, on a small made-up
 * file in that source's form. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "bench/commands/commands.h"
#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/memory.h"
#include "tests/support/files.h"

struct source {
  const char *command;
  struct {
    const char *name, *content;
  } file[2];
  const char *train, *test, *times; /* NULL: no times.txt */
  const char *users, *items;        /* a line of users.tsv, of items.tsv */
};

static const struct source sources[] = {
    {"ml-100k u.data u.item",
     {{"u.data", "5\t2\t3\t30\n5\t1\t3\t20\n5\t3\t4\t40\n"},
      {"u.item", "1|Toy (1995)|x||u|0|0|0|1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0\n"}}, /* one of three */
     "1 1\n",
     "1 3\n",
     "1 20 30 40\n",
     "1\t5\n",
     "1\t1\tToy (1995)\t\tAnimation\n"},
    {"ml-1m ratings.dat movies.dat",
     {{"ratings.dat", "9::20::5::30\n9::3::5::20\n9::7::4.5::40\n"},
      {"movies.dat", "3::Am\xe9lie (2001)::Comedy|Romance\n20::Heat (1995)::Action\n"}},
     "1 1\n",
     "1 2\n",
     "1 20 30 40\n",
     "1\t9\n",
     "1\t3\tAm\xc3\xa9lie (2001)\t\tComedy, Romance\n"},
    {"ml-latest ratings.csv movies.csv",
     {{"ratings.csv", "userId,movieId,rating,timestamp\n1,11,4.0,30\n1,2,3.5,20\n1,7,5.0,40\n"},
      {"movies.csv", "movieId,title,genres\n2,\"President, The (1995)\",Comedy|Drama\n7,x,y\n"}},
     "1 1\n",
     "1 2\n",
     "1 20 30 40\n",
     "1\t1\n",
     "1\t2\tPresident, The (1995)\t\tComedy, Drama\n"},
    {"csv ratings.csv --user userId --item movieId --time timestamp --items movies.csv --title "
     "title "
     "--categories genres",
     {{"ratings.csv", "userId,movieId,rating,timestamp\n1,11,4.0,30\n1,2,3.5,20\n1,7,5.0,40\n"},
      {"movies.csv", "movieId,title,genres\n2,\"President, The (1995)\",Comedy|Drama\n7,x,y\n"}},
     "1 1\n",
     "1 2\n",
     "1 20 30 40\n",
     "1\t1\n",
     "1\t2\tPresident, The (1995)\t\tComedy, Drama\n"},
    {"amazon-2014 reviews.json.gz meta.json.gz",
     {{"reviews.json.gz", "{\"reviewerID\": \"A1\", \"asin\": \"B9\", \"unixReviewTime\": 30}\n"
                          "{\"reviewerID\": \"A1\", \"asin\": \"B2\", \"unixReviewTime\": 20}\n"
                          "{\"reviewerID\": \"A1\", \"asin\": \"B5\", \"unixReviewTime\": 40}\n"},
      {"meta.json.gz", "{'asin': 'B2', 'title': \"It's\", 'price': nan, 'categories': [['Beauty', "
                       "'Hair'], ['x']]}\n{'asin': 'B5', 'title': 'Five'}\n"}},
     "1 1\n",
     "1 2\n",
     "1 20 30 40\n",
     "1\tA1\n",
     "1\tB2\tIt's\t\tBeauty > Hair\n"},
    {"amazon-2018 reviews.json.gz meta.json.gz",
     {{"reviews.json.gz",
       "{\"overall\": 5.0, \"vote\": \"1,2\", \"reviewerID\": \"A1\", \"asin\": \"B9\", "
       "\"unixReviewTime\": 30}\n"
       "{\"reviewerID\": \"A1\", \"asin\": \"B2\", \"unixReviewTime\": 20}\n"
       "{\"reviewerID\": \"A1\", \"asin\": \"B5\", \"unixReviewTime\": 40}\n"},
      {"meta.json.gz",
       "{\"category\": [\"Beauty\", \"Hair &amp; Care\"], \"description\": [\"d\"], \"title\": "
       "\"<b>Two</b>\", \"brand\": \"Acme\", \"main_cat\": \"All\", \"asin\": \"B2\"}\n"
       "{\"category\": [], \"title\": \"var x = new Date().getTime();\", \"main_cat\": \"All\", "
       "\"asin\": \"B5\"}\n"}},
     "1 1\n",
     "1 2\n",
     "1 20 30 40\n",
     "1\tA1\n",
     "1\tB2\tTwo\tAcme\tBeauty > Hair & Care\n"
     "2\tB5\t\t\tAll\n"},
    {"amazon-2023 reviews.jsonl.gz meta.jsonl.gz",
     {{"reviews.jsonl.gz",
       "{\"user_id\": \"A1\", \"asin\": \"X1\", \"parent_asin\": \"B9\", \"timestamp\": "
       "1588687728923}\n"
       "{\"user_id\": \"A1\", \"asin\": \"B2\", \"parent_asin\": \"B2\", \"timestamp\": "
       "1588687728922}\n"
       "{\"user_id\": \"A1\", \"asin\": \"B5\", \"parent_asin\": \"B5\", \"timestamp\": "
       "1588687728924}\n"},
      {"meta.jsonl.gz", "{\"main_category\": \"All Beauty\", \"title\": \"Two\", \"store\": null, "
                        "\"categories\": [], \"parent_asin\": \"B2\"}\n"
                        "{\"title\": \"Five\", \"parent_asin\": \"B5\"}\n"}},
     "1 1\n",
     "1 2\n",
     "1 1588687728922 1588687728923 1588687728924\n",
     "1\tA1\n",
     "1\tB2\tTwo\t\tAll Beauty\n"},
    {"csv Beauty.csv --user user_id --item parent_asin --time timestamp --items meta.jsonl --title "
     "title --brand store --categories categories",
     {{"Beauty.csv", "user_id,parent_asin,rating,timestamp\nA1,B9,5.0,1588687728923\n"
                     "A1,B2,5.0,1588687728922\nA1,B5,5.0,1588687728924\n"},
      {"meta.jsonl", "{\"title\": \"Two\", \"store\": \"Acme\", \"categories\": [\"a\", \"b\"], "
                     "\"parent_asin\": \"B2\"}\n{\"title\": \"Five\", \"parent_asin\": \"B5\"}\n"}},
     "1 1\n",
     "1 2\n",
     "1 1588687728922 1588687728923 1588687728924\n",
     "1\tA1\n",
     "1\tB2\tTwo\tAcme\ta > b\n"},
    {"jsonl steam_reviews.json --user username --item product_id --time date --items "
     "steam_games.json --item-id id --title app_name --brand developer --categories genres "
     "--repeats first",
     {{"steam_reviews.json",
       "{u'username': u'Joe \"J\"', u'product_id': u'725280', u'date': u'2017-12-02'}\n"
       "{u'username': u'Joe \"J\"', u'product_id': u'20', u'date': u'2017-12-01'}\n"
       "{u'username': u'Joe \"J\"', u'product_id': u'20', u'date': u'2018-01-01'}\n"
       "{u'username': u'Joe \"J\"', u'product_id': u'328100', u'date': u'2017-12-03'}\n"},
      {"steam_games.json", "{u'app_name': u'Caf\\xe9', u'developer': u'D', u'genres': [u'Action', "
                           "u'Indie'], u'id': u'20'}\n{u'app_name': u'x', u'id': u'328100'}\n"}},
     "1 1\n",
     "1 2\n",
     "1 1512086400 1512172800 1512259200\n",
     "1\tJoe \"J\"\n",
     "1\t20\tCaf\xc3\xa9\tD\tAction > Indie\n"},
    {"jsonl review.json --user user_id --item business_id --time date --items business.json "
     "--title "
     "name --categories categories --min-rating 4 --rating stars",
     {{"review.json",
       "{\"user_id\": \"_u\", \"business_id\": \"b-2\", \"stars\": 5.0, \"date\": \"2018-07-07 "
       "22:09:11\"}\n{\"user_id\": \"_u\", \"business_id\": \"b-9\", \"stars\": 3.0, \"date\": "
       "\"2018-07-07 22:09:12\"}\n{\"user_id\": \"_u\", \"business_id\": \"b-5\", \"stars\": 4.0, "
       "\"date\": \"2018-07-07 22:09:13\"}\n{\"user_id\": \"_u\", \"business_id\": \"b-1\", "
       "\"stars\": 4.0, \"date\": \"2018-07-07 22:09:14\"}\n"},
      {"business.json", "{\"business_id\": \"b-1\", \"name\": \"One\", \"categories\": \"Food, "
                        "Bars\"}\n{\"business_id\": \"b-2\", \"name\": \"Two\"}\n"}},
     "1 2\n",
     "1 1\n",
     "1 1531001351 1531001353 1531001354\n",
     "1\t_u\n",
     "1\tb-1\tOne\t\tFood, Bars\n"},
    {"csv events.csv --user visitorid --item itemid --time timestamp",
     {{"events.csv", "timestamp,visitorid,event,itemid,transactionid\n"
                     "1433221332117,257597,view,355908,\n1433221332110,257597,view,20,\n"
                     "1433221999827,257597,transaction,7,12\n"}},
     "1 2\n",
     "1 1\n",
     "1 1433221332110 1433221332117 1433221999827\n",
     "1\t257597\n",
     "1\t7\t\t\t\n"},
    {"csv transactions_train.csv --user customer_id --item article_id --time t_dat --items "
     "articles.csv --title prod_name --title detail_desc --categories product_group_name --repeats "
     "all",
     {{"transactions_train.csv", "t_dat,customer_id,article_id,price,sales_channel_id\n"
                                 "2018-09-20,000058a1,0663713001,0.05,2\n"
                                 "2018-09-21,000058a1,0541518023,0.03,2\n"
                                 "2018-09-22,000058a1,0663713001,0.05,2\n"},
      {"articles.csv", "article_id,prod_name,product_group_name,detail_desc\n"
                       "0663713001,Strap top,Garment,\"Jersey top, narrow straps.\"\n"}},
     "1 2\n",
     "1 2\n",
     "1 1537401600 1537488000 1537574400\n",
     "1\t000058a1\n",
     "2\t0663713001\tStrap top Jersey top, narrow straps.\t\tGarment\n"},
    {"csv lastfm-1k.tsv --no-header --user 1 --item 3 --time 2 --title 4 --delimiter tab --repeats "
     "all",
     {{"lastfm-1k.tsv", "user_000001\t2009-05-04T23:08:57Z\tf1b1\t\"Weird Al\" Yankovic\n"
                        "user_000001\t2009-05-04T13:54:10Z\ta7f7\tBj\xc3\xb6rk\n"
                        "user_000001\t2009-05-05T23:08:57Z\ta7f7\tBj\xc3\xb6rk\n"}},
     "1 1\n",
     "1 1\n",
     "1 1241445250 1241478537 1241564937\n",
     "1\tuser_000001\n",
     "2\tf1b1\t\"Weird Al\" Yankovic\t\t\n"},
    {"csv likes.csv --user uid --item item_id --time timestamp",
     {{"likes.csv", "uid,timestamp,item_id,is_organic\n100,39420,8326270,1\n100,39415,1441281,1\n"
                    "100,39430,286361,0\n"}},
     "1 2\n",
     "1 1\n",
     "1 39415 39420 39430\n",
     "1\t100\n",
     "1\t286361\t\t\t\n"},
    {"csv Gowalla_totalCheckins.txt --no-header --user 1 --item 5 --time 2",
     {{"Gowalla_totalCheckins.txt",
       "0\t2010-10-19T23:55:27Z\t30.2359091167\t-97.7951395833\t22847\n"
       "0\t2010-10-18T22:17:43Z\t30.2691029532\t-97.7493953705\t420315\n"
       "0\t2010-10-17T23:42:03Z\t30.2557309927\t-97.7633857727\t316637\n"}},
     "1 2\n",
     "1 1\n",
     "1 1287358923 1287440263 1287532527\n",
     "1\t0\n",
     "1\t22847\t\t\t\n"},
    {"lists train.txt test.txt",
     {{"train.txt", "0 0 5 3 \n1 3 0\n"}, {"test.txt", "0 7\n1 5 7\n2\n"}},
     "1 1 3\n2 2 1\n",
     "1 4\n2 4\n",
     NULL,
     "1\t0\n",
     "1\t0\t\t\t\n"},
    {"pairs Beauty.txt",
     {{"Beauty.txt", "1 5\n1 3\n1 20\n2 3\n2 5\n2 4\n"}},
     "1 3\n2 1\n",
     "1 4\n2 2\n",
     NULL,
     "2\t2\n",
     "4\t20\t\t\t\n"},
    {"lists user_sequence.txt",
     {{"user_sequence.txt", "A1YJ B0020 B0001 B0009\nA3XX B0009 B0020 B0001 B0002\n"}},
     "1 4\n2 3 4\n",
     "1 3\n2 2\n",
     NULL,
     "1\tA1YJ\n",
     "1\tB0001\t\t\t\n"},
    {"recbole NAME.inter NAME.item",
     {{"NAME.inter",
       "user_id:token\titem_id:token\ttimestamp:float\nu\tb\t30\nu\ta\t20\nu\tc\t40\n"},
      {"NAME.item", "item_id:token\ttitle:token_seq\tcategories:token_seq\na\tAn item\tx, y\n"
                    "b\tB\t\n"}},
     "1 1\n",
     "1 3\n",
     "1 20 30 40\n",
     "1\tu\n",
     "1\ta\tAn item\t\tx, y\n"},
    {"sequences FILE --items items.tsv",
     {{"FILE", "4 20 3 7\n"}, {"items.tsv", "item_id\ttitle\n3\tThree\n20\tTwenty\n"}},
     "1 3\n",
     "1 2\n",
     NULL,
     "1\t4\n",
     "1\t3\tThree\t\t\n"},
};

enum { MOST_WORDS = 40 };

/* The command's words as they are typed, but for files, which lie in the scratch folder. */
static int run(const struct source *source, char *readme) {
  static char words[1024];
  char quoted[512], *argv[MOST_WORDS] = {NULL};
  snprintf(quoted, sizeof quoted, "`%s`", source->command);
  cr_assert(strstr(readme, quoted), "bench/import/README.md does not give: %s", source->command);
  strcpy(words, source->command);
  int argc = 0;
  argv[argc++] = (char *)"data";
  argv[argc++] = (char *)"import";
  for (char *word = strtok(words, " "); word; word = strtok(NULL, " ")) {
    argv[argc] = word;
    for (int f = 0; f < 2; f++)
      if (source->file[f].name && !strcmp(word, source->file[f].name))
        argv[argc] = (char *)test_file(word, source->file[f].content);
    argc++;
  }
  argv[argc++] = (char *)"--out";
  argv[argc++] = (char *)test_path("out");
  return l4r_command_data(argc, argv);
}

static void holds(const char *name, const char *content, const char *command) {
  char *found = test_read(name);
  cr_assert(strstr(found, content), "%s\n%s holds:\n%s\nnot:\n%s", command, name, found, content);
}

Test(sources, each_comes_in_by_the_command_of_the_table) {
  char *readme = NULL;
  size_t bytes;
  cr_assert_eq(l4r_read_file("bench/import/README.md", 1, &readme, &bytes), 0);
  for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
    const struct source *source = &sources[i];
    cr_assert_eq(run(source, readme), 0, "%s: %s", source->command, l4r_error_message());
    cr_assert_str_eq(test_read("out/train.txt"), source->train, "%s", source->command);
    cr_assert_str_eq(test_read("out/test.txt"), source->test, "%s", source->command);
    if (source->times)
      cr_assert_str_eq(test_read("out/times.txt"), source->times, "%s", source->command);
    cr_assert_eq(test_entries("out"), 6 + (source->times != NULL), "%s", source->command);
    holds("out/users.tsv", source->users, source->command);
    holds("out/items.tsv", source->items, source->command);
  }
  l4r_free(readme);
}
