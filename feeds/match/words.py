"""English words and their Chinese counterparts, as news uses them: a headline meets an article across languages.

The list is general on purpose: the nouns and verbs of everyday English, then the trades that news is about. Whoever
runs a site adds its own names and terms (``Matcher(words=...)``); an article's own glosses, ``萨姆·奥特曼（Sam
Altman）``, add themselves.
"""

from __future__ import annotations

#: ``english,another=中文,另一个; ...``. English in any form whose ending ``signals.stem`` undoes, phrases of two words.
#: One Chinese character counts only where it stands alone (``signals.find_words``).
WORDS = """
apple=苹果; google=谷歌; microsoft=微软; amazon=亚马逊; nvidia=英伟达; tesla=特斯拉; intel=英特尔; qualcomm=高通; samsung=三星
sony=索尼; huawei=华为; xiaomi=小米; alibaba=阿里巴巴,阿里; tencent=腾讯; baidu=百度; bytedance=字节跳动,字节; didi=滴滴; jd=京东
meituan=美团; pinduoduo=拼多多; netease=网易; lenovo=联想; byd=比亚迪; nio=蔚来; xpeng=小鹏; softbank=软银; tsmc=台积电; foxconn=富士康
disney=迪士尼; netflix=奈飞,网飞; facebook=脸书; twitter=推特; oracle=甲骨文; wikipedia=维基百科; boeing=波音; airbus=空客; toyota=丰田
volkswagen=大众汽车; bmw=宝马; mercedes=奔驰; ford=福特; honda=本田; walmart=沃尔玛; starbucks=星巴克; mcdonald=麦当劳; nike=耐克
goldman=高盛; morgan stanley=摩根士丹利; jpmorgan=摩根大通; sequoia=红杉; blackrock=贝莱德; mckinsey=麦肯锡; deloitte=德勤; kuaishou=快手
sensetime=商汤; iflytek=科大讯飞,讯飞; zhipu=智谱; moonshot=月之暗面; stepfun=阶跃星辰; unitree=宇树; cambricon=寒武纪; bilibili=哔哩哔哩,B站
doubao=豆包; tongyi,qwen=通义,千问; hunyuan=混元; ernie=文心; kimi=Kimi; pangu=盘古; wechat=微信; weibo=微博; douyin,tiktok=抖音; android=安卓
musk=马斯克; altman=奥特曼,阿尔特曼; zuckerberg=扎克伯格; nadella=纳德拉; pichai=皮查伊; bezos=贝索斯; gates=比尔·盖茨; cook=库克; huang=黄仁勋
hassabis=哈萨比斯; hinton=辛顿; lecun=杨立昆; bengio=本吉奥; sutskever=苏茨克维,伊利亚; murati=穆拉蒂; brockman=布罗克曼; amodei=阿莫迪; karpathy=卡帕西
trump=特朗普; biden=拜登; vance=万斯; macron=马克龙; putin=普京; modi=莫迪; starmer=斯塔默; jobs=乔布斯; ive=艾维; buffett=巴菲特; lei jun=雷军
jack ma=马云; pony ma=马化腾; fei-fei li=李飞飞; andrew ng=吴恩达; liang wenfeng=梁文锋; kai-fu lee=李开复; robin li=李彦宏; son=孙正义; turing=图灵

us,usa,america,american=美国; uk,britain,british=英国; china,chinese=中国,华人,华裔; japan,japanese=日本; korea,korean=韩国; india,indian=印度; france,french=法国
germany,german=德国; russia,russian=俄罗斯; ukraine,ukrainian=乌克兰; israel,israeli=以色列; iran,iranian=伊朗; italy,italian=意大利; spain,spanish=西班牙
canada,canadian=加拿大; australia,australian=澳大利亚; brazil,brazilian=巴西; mexico,mexican=墨西哥; singapore=新加坡; taiwan,taiwanese=台湾
hong kong=香港; europe,european,eu=欧洲,欧盟; africa,african=非洲; asia,asian=亚洲; middle east=中东; saudi=沙特; uae,emirates=阿联酋; turkey,turkish=土耳其
poland,polish=波兰; netherlands,dutch=荷兰; sweden,swedish=瑞典; denmark,danish=丹麦; norway,norwegian=挪威; finland,finnish=芬兰; switzerland,swiss=瑞士
austria=奥地利; ireland,irish=爱尔兰; greece,greek=希腊; egypt=埃及; vietnam=越南; thailand,thai=泰国; indonesia=印尼,印度尼西亚; malaysia=马来西亚
philippines=菲律宾; pakistan=巴基斯坦; qatar=卡塔尔; kenya=肯尼亚; nigeria=尼日利亚; argentina=阿根廷; california=加州,加利福尼亚; texas=得州,德州
new york=纽约; san francisco=旧金山; silicon valley=硅谷; london=伦敦; paris=巴黎; tokyo=东京; beijing=北京; shanghai=上海; shenzhen=深圳; hangzhou=杭州
washington=华盛顿; seattle=西雅图; boston=波士顿; berlin=柏林; brussels=布鲁塞尔; seoul=首尔; dubai=迪拜; hollywood=好莱坞; wall street=华尔街; vatican=梵蒂冈
harvard=哈佛; stanford=斯坦福; princeton=普林斯顿; cambridge=剑桥; oxford=牛津; yale=耶鲁; berkeley=伯克利; tsinghua=清华; peking university=北京大学,北大; mit=麻省理工

court,courtroom=法院,法庭; judge=法官; tribunal=仲裁,仲裁庭,法庭; lawsuit,sue,litigation=诉讼,起诉,状告; law,legal,legislation=法律,立法,法案; lawyer,attorney=律师
copyright=版权,著作权; patent=专利; trademark=商标; piracy,pirated=盗版; privacy=隐私; antitrust,monopoly=反垄断,垄断; regulation,regulator,regulate=监管,法规,规管
ban,banned,prohibit=禁止,禁令,封禁; fine,penalty=罚款,处罚; settlement,settle=和解; ruling,rule,verdict=裁定,裁决,判决; appeal=上诉; jury=陪审团; evidence=证据
crime,criminal=犯罪,刑事; police=警察,警方; arrest=逮捕,被捕; prison,jail=监狱,入狱; fraud,scam=欺诈,诈骗,骗局; theft,steal,stolen=窃取,偷窃,盗窃,偷; investigation,probe,investigate=调查
discrimination,discriminate=歧视; racist,racism,racial=种族; bias=偏见; hate=仇恨; antisemitism,antisemitic=反犹; nazi=纳粹; hitler=希特勒; abuse=滥用,虐待; violence=暴力
murder,kill=谋杀,杀害; suicide=自杀; weapon=武器; war,warfare=战争,作战; army,military=军方,军事,军队; defense,defence=国防,防务; pentagon=五角大楼; missile=导弹
soldier,troops=士兵,军人; nuclear=核能,核电,核武; terror,terrorism=恐怖主义; spy,espionage=间谍; sanction=制裁; tariff=关税; export=出口; import=进口; trade=贸易
government=政府; president=总统; minister=大臣,部长; prime minister=首相,总理; congress=国会; senate,senator=参议院,参议员; parliament=议会; election=选举,大选; vote,voter=投票,选民
democracy=民主; republican=共和党; politics,political,politician=政治,政客; policy=政策; diplomacy=外交; treaty=条约; border=边境; immigration,immigrant,visa=移民,签证; citizen=公民
king=国王; pope=教皇,教宗; church=教会,教堂; religion,religious=宗教; god=上帝; moral,ethics,ethical=道德,伦理; human rights=人权; freedom,free speech=自由,言论自由; protest=抗议; strike=罢工
union=工会; security=安全; concern,worry=担忧,担心,顾虑; threat,threaten=威胁; risk=风险; danger,dangerous=危险; safety=安全; crisis=危机; emergency=紧急; disaster=灾难; warning,warn=警告,警示

layoff,laid off,job cut,cut job=裁员,裁撤; job,employment=就业,工作岗位,岗位; hire,hiring,recruit,recruiting=招聘,招募,聘用; fire,dismiss,oust=解雇,罢免,开除; resign,quit,step down=辞职,离职,卸任
poach,poaching=挖角,挖人,挖走; talent=人才; salary,pay,wage,compensation=薪酬,薪资,工资,年薪; bonus=奖金; employee,staff,worker=员工,雇员,职工; boss=老板; manager=经理,主管
ceo=首席执行官; cto=首席技术官; cfo=首席财务官; chief scientist=首席科学家; executive=高管; founder,founded=创始人,创办; cofounder,co-founder=联合创始人; chairman=董事长,主席
board=董事会; director=总监,董事; engineer=工程师; researcher=研究员,研究人员; scientist=科学家; professor=教授; student=学生; teacher=教师,老师; intern=实习生; graduate=毕业生
team=团队; department,division=部门; company,firm=公司; startup=初创; enterprise=企业; industry=产业,行业; market=市场; customer,client=客户; consumer=消费者; user=用户; partner,partnership=合作伙伴,合作
applicant,candidate=求职者,应聘者,候选人; resume=简历; interview=面试,采访,访谈; career=职业; retire,retirement=退休; remote work=远程办公; office=办公室; meeting=会议; productivity=生产力,效率
acquire,acquisition,buyout,takeover=收购; merger,merge=合并,并购; invest,investment=投资; investor=投资者,投资人; funding,fundraise,fundraising=融资; venture=风投,风险投资; valuation,valued=估值; ipo=上市,IPO
stock,share=股票,股价; shareholder=股东; stake=股份,持股; bond=债券; bank,banking=银行; loan=贷款; debt=债务; revenue=营收,收入; profit=利润,盈利; loss=亏损; sales=销售,销量; cost=成本
price,pricing=价格,定价; price cut=降价; discount=折扣; free=免费; subscription,subscribe=订阅; budget=预算; spend,spending=支出,开支; tax=税收,税; inflation=通胀; economy,economic=经济; recession=衰退
deal,agreement=协议,交易; contract=合同,合约; order=订单; supply chain,supplier=供应链,供应商; factory,manufacture,manufacturing=工厂,制造; product=产品; brand=品牌; advertising,advertise,advertiser,ad=广告; marketing=营销
retail,retailer=零售; store,shop=商店,店铺,门店; vending=自动售货; warehouse=仓库; delivery,deliver=配送,交付,外卖; logistics=物流; shipment,shipping=出货,航运; restaurant=餐厅,餐馆; hotel=酒店; luxury=奢侈
insurance=保险; currency=货币; bitcoin=比特币; crypto,cryptocurrency=加密货币; stablecoin=稳定币; blockchain=区块链; dollar=美元; billionaire=亿万富翁; wealth=财富; bankrupt,bankruptcy=破产; bubble=泡沫; rival,competitor=竞争对手,对手

artificial intelligence=人工智能; superintelligence=超级智能,超智能; agi=通用人工智能; machine learning=机器学习; deep learning=深度学习; neural network=神经网络; language model,llm=语言模型,大模型; model=模型
agent=智能体,代理; agentic=智能体,代理式; chatbot=聊天机器人; assistant=助手,助理; robot,robotic=机器人; humanoid=人形机器人,人形; driverless,self-driving,autonomous=自动驾驶,无人驾驶; robotaxi=无人出租车,自动驾驶出租车; drone=无人机
chip,semiconductor=芯片,半导体; processor=处理器; gpu=显卡,GPU; memory=内存,记忆; storage=存储; server=服务器; data center,datacenter=数据中心; cloud=云计算,云端,云服务; supercomputer=超级计算机,超算; quantum=量子
compute,computing=算力,计算; training,train=训练; pretraining,pre-training=预训练; inference=推理; reasoning,reason=推理; fine-tuning,fine-tune=微调; distillation,distill=蒸馏; reinforcement learning=强化学习; benchmark=基准测试,基准
hallucination,hallucinate=幻觉; alignment,align=对齐; prompt=提示词,提示; jailbreak=越狱; injection=注入; token=词元,令牌; context=上下文; multimodal=多模态; open source,open-source=开源; closed=闭源; parameter=参数
dataset=数据集; data=数据; algorithm=算法; architecture=架构; diffusion=扩散; transformer=变换器; embedding=嵌入; scaling=缩放,规模; sycophancy,sycophantic=谄媚,阿谀; deepfake=深度伪造,换脸; synthetic=合成; watermark=水印
software=软件; hardware=硬件; device=设备,器件; app,application=应用; browser=浏览器; search=搜索; operating system=操作系统; platform=平台; website=网站; internet=互联网; network=网络; broadband=宽带; satellite=卫星
code,coding=代码,编程,编码; programming,programmer=编程,程序员; developer=开发者; bug=漏洞,缺陷; debug=调试; api=接口; plugin,extension=插件,扩展; framework=框架; library=库; database=数据库; terminal=终端; command line=命令行
github=GitHub; version=版本; update=更新; upgrade=升级; launch,release=发布,推出; unveil,announce=宣布,公布,揭晓; preview=预览; beta=测试版; deprecate,deprecation=弃用,停用; shut down,shutdown=关闭,关停,下线; discontinue=停产,终止
phone,smartphone=手机; laptop=笔记本; computer=电脑,计算机; pc=电脑; tablet=平板; watch=手表; glasses=眼镜; headset=头显; headphone,earbud=耳机; camera=相机,摄像头; screen,display=屏幕,显示屏; keyboard=键盘; battery=电池
charger,charging=充电; wireless=无线; sensor=传感器; wearable=可穿戴; virtual reality=虚拟现实; augmented reality=增强现实; metaverse=元宇宙; game,gaming=游戏; console=主机; toy=玩具; gadget=小工具; printer=打印机; 3d=3D
settings=设置; feature=功能; interface=界面; button=按钮; password=密码; account=账户,账号; login=登录; email=邮件,邮箱; message=消息,短信; notification=通知; file=文件; document=文档; spreadsheet=表格; calendar=日历; map=地图
voice,speech=语音; video=视频; image,picture=图像,图片; photo,photograph=照片,摄影; music=音乐; song=歌曲; audio=音频; film,movie=电影; animation=动画; podcast=播客; radio=电台,广播; television,tv=电视; livestream,stream=直播; subtitle=字幕
hack,hacker=黑客,入侵; leak,leaked=泄露,泄漏,外泄; vulnerability=漏洞; malware=恶意软件; ransomware=勒索; phishing=钓鱼; cyber,cybersecurity=网络安全; encryption,encrypt=加密; surveillance=监控,监视; facial recognition=人脸识别; breach=泄露

science,scientific=科学; research,study=研究; laboratory,lab=实验室; experiment=实验; theory=理论; discovery,discover=发现; paper=论文; journal=期刊; peer review=同行评审; physics,physicist=物理; chemistry,chemical=化学; biology,biologist=生物
mathematics,math=数学; olympiad=奥赛,奥林匹克; nobel=诺贝尔; prize,award=奖项,大奖; astronomy,astronomer=天文; space=太空,航天; rocket=火箭; spacecraft=飞船,航天器; moon,lunar=月球; mars=火星; planet=行星; universe=宇宙; telescope=望远镜
earth=地球; climate=气候; weather=天气,气象; forecast=预测,预报; carbon=碳排放; emission=排放; energy=能源; electricity,power grid=电力,电网; solar=太阳能,光伏; wind=风能,风电; oil=石油; gas=天然气; coal=煤炭; nuclear fusion,fusion=核聚变; water=水资源,用水
ocean,sea=海洋; river=河流; forest=森林; mountain=山脉; earthquake=地震; flood=洪水; fire,wildfire=火灾,山火; storm,hurricane=风暴,飓风; animal=动物; dog=狗; cat=猫; bird=鸟类; fish=鱼类; whale=鲸鱼; dolphin=海豚; bee=蜜蜂; insect=昆虫; plant=植物; tree=树木
brain=大脑; neuron=神经元; neuroscience=神经科学; brain-computer,brain computer interface=脑机接口; mind=心智,思维; cognition,cognitive=认知; consciousness,conscious=意识; emotion,emotional=情感,情绪; psychology,psychological=心理; memory=记忆; sleep=睡眠; dream=梦; language=语言
gene,genetic,genome=基因; dna=DNA; cell=细胞; protein=蛋白; virus=病毒; bacteria=细菌; vaccine=疫苗; cancer=癌症; tumor=肿瘤; disease=疾病; diabetes=糖尿病; heart=心脏; blood=血液; drug,medicine,pharmaceutical=药物,药品,制药; antibiotic=抗生素; enzyme=酶
doctor,physician=医生; nurse=护士; patient=患者,病人; hospital=医院; clinic,clinical=临床; surgery,surgeon=手术; diagnosis,diagnose,diagnostic=诊断; therapy,therapist=治疗,疗法; health,healthcare=健康,医疗; mental health=心理健康; autism=自闭症; aging,ageing=衰老; longevity=长寿
human,humanity=人类; people=人们; woman,women,female=女性; man,men,male=男性; child,kid,children=儿童,孩子; teenager,teen=青少年; baby,infant=婴儿; parent=父母,家长; mother=母亲; father=父亲; family=家庭,家人; brother=兄弟,哥哥,弟弟; sister=姐妹; wife=妻子; husband=丈夫
friend=朋友; companion=伴侣,陪伴; love=爱情; marriage,marry,wedding=结婚,婚姻,婚礼; divorce=离婚; sex,sexual=性爱,色情; dating=约会; lonely,loneliness=孤独; death,die=死亡,去世; life=生活,生命; birth=出生; funeral=葬礼; generation=世代,一代; elderly=老年,老人

school=学校; university,college=大学,高校; education=教育; classroom,class=课堂; exam,examination=考试; homework=作业; cheat,cheating=作弊; essay=作文; degree=学位; curriculum,course=课程; tutor=辅导; library=图书馆; textbook=教材,教科书; thinking=思考,思维; writing,writer=写作,作家
book=书籍,图书; author=作者; novel=小说; poem,poetry=诗歌; story=故事; art=艺术; artist=艺术家; design=设计; designer=设计师; museum=博物馆; painting=绘画,画作; theatre,theater=剧院; actor,actress=演员; director=导演; celebrity=明星; festival=节日; culture=文化; history=历史
news=新闻; newspaper=报纸; magazine=杂志; journalist,reporter=记者; editor=编辑; publisher,publishing=出版商,出版; media=媒体; misinformation,disinformation=虚假信息,错误信息; fake=虚假,假; rumor=谣言,传闻; censorship,censor=审查; social media=社交媒体; influencer=网红; fan=粉丝; post=帖子
memo=备忘录,内部信; letter=信件,公开信; speech=演讲; conference=大会; summit=峰会; exhibition=展会,展览; demo=演示; survey,poll=调查,民调; report=报告,报道; statement=声明; secret=秘密; apology,apologize,apologise=道歉; criticism,criticise,criticize=批评,抨击,炮轰; praise=赞扬; controversy,controversial=争议
profanity,swear=脏话,粗口; insult=侮辱,辱骂; rant=怒骂,咆哮; lie,lying=撒谎,说谎; deception,deceive=欺骗; blackmail=勒索,敲诈; manipulate,manipulation=操纵; joke=玩笑; humor,humour,funny=幽默,搞笑; error,mistake=错误; glitch=故障; outage=宕机,中断; accident=事故; crash=坠毁,崩溃,撞车
car,vehicle=汽车,车辆; electric vehicle,ev=电动车,电动汽车; truck=卡车; bus=公交; train=火车,列车; railway=铁路; ship=船舶,船只; aircraft,airplane,plane=飞机; airport=机场; flight=航班,飞行; pilot=飞行员; driver=司机,驾驶员; road=道路; traffic=交通; taxi=出租车; bike,bicycle=自行车; travel=旅行; tourism,tourist=旅游,游客
food=食品,食物; eat=吃; drink=饮料; coffee=咖啡; tea=茶; wine=葡萄酒; beer=啤酒; milk=牛奶; bread=面包; rice=大米,米饭; meat=肉类; egg=鸡蛋; soup=汤; sugar=糖; salt=盐; fruit=水果; vegetable=蔬菜; cake=蛋糕; chocolate=巧克力; chef,kitchen=厨师,厨房; recipe=食谱; farm,farmer,agriculture=农场,农民,农业; hunger=饥饿
house=房屋,房子; home=家庭,居家; building=建筑,大楼; city=城市; village=村庄; street=街道; room=房间; door=门; window=窗户; bed=床; table=桌子; chair=椅子; furniture=家具; kitchen=厨房; garden=花园; rent=租金,租房; property,real estate=房地产,房产; construction=施工,建造; bridge=桥梁; tower=高塔
clothes,clothing,fashion=服装,时尚; shoe=鞋; hat=帽子; bag=包袋; jewelry=珠宝; gold=黄金; silver=白银; copper=铜; iron=钢铁; steel=钢铁; rare earth=稀土; lithium=锂; glass=玻璃; plastic=塑料; wood=木材; cotton=棉; material=材料; textile=纺织; mineral=矿产; mining,mine=采矿,挖矿; metal=金属
sport=体育; football,soccer=足球; basketball=篮球; tennis=网球; baseball=棒球; chess=国际象棋,象棋; poker=扑克; olympics,olympic=奥运; world cup=世界杯; athlete=运动员; coach=教练; race=比赛,竞赛; championship,champion=冠军; marathon=马拉松; fitness,exercise=健身,锻炼; competition=竞赛,竞争; gym=健身房
hand=双手; eye=眼睛; face=面孔,脸部; ear=耳朵; hair=头发; skin=皮肤; bone=骨骼; muscle=肌肉; tooth,teeth=牙齿; voice=声音; smell=嗅觉,气味; touch=触觉; taste=味觉,品味; color,colour=颜色; light=光线; sound=声音; heat=热量; temperature=温度; speed=速度; weight=重量; noise=噪音; smoke=烟雾; dust=灰尘; shadow=阴影; mirror=镜子
billion=十亿; future=未来; vision=愿景; strategy,strategic=战略,策略; ambition=野心,雄心; revolution=革命; innovation=创新; breakthrough=突破; milestone=里程碑; failure,fail=失败; success=成功; growth,grow=增长; decline=下滑,下降; record=纪录; ranking,rank=排名,榜单; secret=秘密,机密; trust=信任; transparency,transparent=透明
name=名字,命名; birthday=生日; anniversary=周年; gift=礼物; party=派对; holiday=假期; christmas=圣诞; summer=夏天,夏季; winter=冬天,冬季; spring=春天,春季; week=一周; month=月份; year=年度; night=夜晚; morning=早晨; weekend=周末; hour=小时; minute=分钟; second=秒; day=一天; time=时间; deadline=截止; delay=推迟,延迟
tools=工具; workflow=工作流; automation,automate=自动化; outsourcing,outsource=外包; consulting,consultant=咨询,顾问; freelancer=自由职业; pilot=试点; prototype=原型; investor=投资人; infrastructure=基础设施; sovereignty,sovereign=主权; embargo=禁运; subsidy=补贴; stimulus=刺激
rebrand,rename=更名,改名; lead,leader=负责人,领导者,领军; departure,depart,leave,lose=离开,出走,流失; join=加入; return=回归,重返; replace=取代,替代; deny=否认; confirm=证实,确认; reject,refuse=拒绝; approve,approval=批准; delay,postpone=推迟; fight,battle=争夺,大战; accuse,accusation=指控,指责; defend=辩护

missionary=传教士; mercenary=雇佣兵; mission=使命; exodus=出走,离职潮; exit=离职,退出; retention,retain=留住,挽留; offer=录用,报价; sign-on=签约; equity=股权; stock option=期权; headquarters=总部; subsidiary=子公司
spinoff,spin-off=分拆; restructure,restructuring,reorganize=重组; overhaul=整顿,改革; reversal,reverse=逆转,转变; tycoon=富豪; owner=店主,所有者; quarterly=季度; earnings=财报,业绩; monetize,monetization=变现,商业化; bid=竞标,出价
feud=恩怨,争端; clash=冲突; tension=紧张; negotiation,negotiate,renegotiate=谈判; clause=条款; dependence,dependency=依赖; alliance,ally=联盟,盟友; consortium=联合体; ecosystem=生态; expansion,expand=扩张,扩展; limit,cap=限制,上限
quota=配额; dominance,dominate=主导,统治; license,licensing=授权,许可; permission=许可,权限; creator=创作者; royalty=版税; fair use=合理使用; class action=集体诉讼; damages=赔偿; trial=审判,庭审; testify,testimony=作证,证词
injunction=禁令; whistleblower=吹哨人,举报人; nonprofit,non-profit=非营利; governance=治理; oversight,monitor,monitoring=监督,监测; guideline=指南,准则; standard=标准; certification,certify=认证; audit=审计; compliance=合规
accountability=问责; moratorium=暂停令; amendment=修正案; veto=否决; governor=州长; mayor=市长; campaign=竞选; adviser,advisor=顾问; federal=联邦; block,blocking=屏蔽,拦截,封锁; delete,deletion=删除; default=默认; payment=支付
debut=首秀,首日; market value,market cap=市值; enrollment,enrolment=入学,招生; entry-level=初级; major=专业; hype=炒作; note=笔记; extortion,extort=勒索,敲诈; cancel=取消,中止; internal=内部

agibot=智元; unisound=云知声; swancor=上纬新材; galbot=银河通用; ubtech=优必选; pony.ai=小马智行; weride=文远知行; deeproute=元戎启行; baichuan=百川智能; biren=壁仞; moore threads=摩尔线程; enflame=燧原; metax=沐曦; smic=中芯国际
ymtc=长江存储; cxmt=长鑫; catl=宁德时代; li auto=理想汽车; zeekr=极氪; geely=吉利; chery=奇瑞; saic=上汽; seres=赛力斯; insta360=影石; roborock=石头科技; ecovacs=科沃斯; haier=海尔; gree=格力; transsion=传音; zte=中兴; hikvision=海康威视
megvii=旷视; cloudwalk=云从科技; 4paradigm=第四范式; kunlun tech=昆仑万维; meitu=美图; zhihu=知乎; trip.com=携程; shein=希音; sf express=顺丰; peng zhihui=稚晖君,彭志辉; wang xingxing=王兴兴; yang zhilin=杨植麟; he xiaopeng=何小鹏

scrape,scraping,scraper,crawl,crawler=爬虫,抓取,爬取; generative=生成式; simulation,simulate=模拟,仿真; prediction,predict=预测; detection,detect=检测; summarize,summary=摘要,总结; translation,translate,translator=翻译; transcription,transcribe=转录
avatar=虚拟形象,数字人; clone,cloning=克隆; persona,personality=人格,性格; identity=身份; verification,verify=验证,核实; shopping=购物; local,locally=本地; on-device=端侧,设备端; interactive=交互,互动; illusion=幻象,错觉
cluster=集群; cooling=冷却; gigawatt=吉瓦; power plant=发电厂; reactor=反应堆; wafer=晶圆; lithography=光刻; bandwidth=带宽; latency=延迟; throughput=吞吐; optimization,optimize=优化; efficiency,efficient=效率,高效; compression,compress=压缩
quantization=量化; sparse,sparsity=稀疏; mixture of experts,moe=混合专家; chain of thought,chain-of-thought=思维链; evolution,evolve=进化,演化; emergence,emergent=涌现; interpretability=可解释性; misalignment,misaligned=失调,未对齐; guardrail=护栏
red team,red-teaming=红队; backdoor=后门; poison,poisoning=投毒,毒化; adversarial=对抗; patch=补丁,修补; sandbox=沙箱,沙盒; protocol=协议; orchestration,orchestrate=编排; vibe coding=氛围编程; repository=仓库,代码库; legacy=遗留; migration,migrate=迁移
dexterity,dexterous=灵巧; grasp=抓取; collision,collide=碰撞; recall=召回; brake=刹车; lidar=激光雷达; passenger=乘客; fleet=车队; crosswalk,pedestrian=行人; mutation=突变; molecule,molecular=分子; symptom=症状; pandemic=疫情,大流行; imaging=影像
addiction,addictive=成瘾; delusion,delusional=妄想; psychosis=精神病; self-harm=自残; attention=注意力; creativity,creative=创造力,创意; critical thinking=批判性思维; literacy=素养; skill=技能; curiosity=好奇心; wisdom=智慧; myth=神话
""".strip()  # noqa: E501 (a table; one topic a line reads better than one word a line)

#: English words that say nothing of what a text is about. Headlines' own fillers included.
STOPWORDS = frozenset(
    """
a about above across after again against all almost along already also although always am among an and another any
anyone anything are around as ask at away back be became because become been before began behind being best better
between big both but by call came can come comes coming could did do does doing done down each early either else end
enough even ever every everyone everything explain explained far few finally find first five for four from full
further gave get gets getting give given gives go goes going gone good got great had has have having he her here
hers high him his how however i if in include including inside instead into is it its itself just keep key kind knew
know known large last late later latest least less let like likely little long look made make makes making many may
maybe me mean might mine more most much must my near need never new next no nobody none nor not nothing now of off
often old on once one only onto or other others our ours out over own part people per perhaps place put quite rather
really right said same saw say saying says see seem seen set several shall she should show side since six small so
some someone something soon still such take taken takes taking tell than that the their theirs them then there these
they thing things think this those though three through thus to today together told too top toward towards tried try
turn two under until up upon us use used uses using very via want wants was way we week well went were what whatever
when where whether which while who whole whom whose why will with within without would year years yes yet you your
yours don doesn didn isn aren wasn won can't couldn re ve ll vs amp nbsp http https www com html guide review
opinion update live watch podcast episode ep video interview read exclusive breaking news
""".split()  # noqa: SIM905 (reads as a list)
)
